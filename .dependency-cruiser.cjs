/** One-way dependencies: plugin -> library -> core; runner -> core; model -> nn -> engine -> native-tensorflow; nothing imports a plugin but a study. */
const packages = '^packages/([^/]+)/';

/** What plugins, runner and report share: maths, and files from outside. They import core and each other. */
const libraries = '^packages/(concept-matching|files|formats|host|html|images|numerics|simd)/src/index\\.ts$';

module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    { name: 'no-unresolved', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'packages-import-core-only',
      comment: 'A package may import itself, core and the libraries; networks also what computes them.',
      severity: 'error',
      from: {
        path: `${packages}src/`,
        pathNot: '^packages/(model-[^/]+|nn|engine|native-tensorflow|(executor|store)-[^/]+)/',
      },
      to: { path: '^packages/', pathNot: ['^packages/$1/', '^packages/core/src/index\\.ts$', libraries] },
    },
    {
      name: 'models-import-nn-and-engine',
      severity: 'error',
      from: { path: '^packages/(model-[^/]+)/src/' },
      to: {
        path: '^packages/',
        pathNot: ['^packages/$1/', '^packages/(core|engine|files|formats|nn)/src/index\\.ts$'],
      },
    },
    {
      name: 'nn-imports-engine',
      severity: 'error',
      from: { path: '^packages/nn/src/' },
      to: {
        path: '^packages/',
        pathNot: ['^packages/nn/', '^packages/(core|engine|formats|numerics)/src/index\\.ts$'],
      },
    },
    {
      name: 'engine-imports-native-tensorflow',
      severity: 'error',
      from: { path: '^packages/engine/src/' },
      to: {
        path: '^packages/',
        pathNot: [
          '^packages/engine/',
          '^packages/(core|native-tensorflow|simd)/src/index\\.ts$',
          '^packages/core/src/wasm/',
        ],
      },
    },
    {
      name: 'native-tensorflow-imports-core',
      severity: 'error',
      from: { path: '^packages/native-tensorflow/src/' },
      to: { path: '^packages/', pathNot: ['^packages/native-tensorflow/', '^packages/(core|host)/src/index\\.ts$'] },
    },
    {
      name: 'executors-and-stores-import-core-and-types-of-the-runner',
      comment: 'The runner loads them; they only know what its tasks and its objects look like.',
      severity: 'error',
      from: { path: '^packages/(executor|store)-[^/]+/src/' },
      to: {
        path: '^packages/',
        pathNot: [
          '^packages/(executor|store)-[^/]+/',
          '^packages/core/src/index\\.ts$',
          '^packages/runner/src/index\\.ts$',
        ],
      },
    },
    {
      name: 'executors-and-stores-run-no-code-of-the-runner',
      severity: 'error',
      from: { path: '^packages/(executor|store)-[^/]+/src/' },
      to: { path: '^packages/runner/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'libraries-import-core-and-libraries',
      severity: 'error',
      from: { path: '^packages/(concept-matching|files|formats|host|html|images|numerics|simd)/src/' },
      to: { path: '^packages/', pathNot: ['^packages/$1/', '^packages/core/src/index\\.ts$', libraries] },
    },
    {
      name: 'core-imports-no-package',
      severity: 'error',
      from: { path: '^packages/core/src/' },
      to: { path: '^packages/', pathNot: '^packages/core/' },
    },
    {
      name: 'inversify-in-one-file',
      severity: 'error',
      from: { path: '^packages/', pathNot: '^packages/runner/src/container\\.ts$' },
      to: { path: '^(node_modules/)?(inversify|@inversifyjs|reflect-metadata)' },
    },
    {
      name: 'tensorflow-in-engine',
      severity: 'error',
      from: { path: '^packages/', pathNot: '^packages/(engine|native-tensorflow)/' },
      to: { path: '^(node_modules/)?@tensorflow/' },
    },
    {
      name: 'vitest-in-tests-and-laws',
      severity: 'error',
      from: { path: `${packages}src/`, pathNot: '^packages/core/src/testing/' },
      to: { path: '^(node_modules/)?(vitest|fast-check)' },
    },
    {
      name: 'packages-import-no-tools',
      severity: 'error',
      from: { path: '^packages/' },
      to: { path: '^(tools|studies)/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(dist|fixtures)/' },
    tsConfig: { fileName: 'tsconfig.base.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      conditionNames: ['@espalier/source', 'import', 'node', 'default'],
      exportsFields: ['exports'],
    },
  },
};
