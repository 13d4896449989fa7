/** One-way dependencies: plugin -> library -> core; runner -> core; model -> nn -> engine -> native-tensorflow; nothing imports a plugin but a study. */
const packages = '^packages/([^/]+)/';

/** What plugins, runner and report share: maths, and files from outside. They import core and each other. */
const libraries =
  '^packages/(analysis|concept-activations|concept-matching|files|formats|host|html|images|numerics|secrets|simd)/src/index\\.ts$';

/** What computes networks, each on what stands below it. */
const networks = Object.entries({
  'model-[^/]+': 'core|engine|files|formats|nn|numerics',
  nn: 'core|engine|files|formats|numerics',
  engine: 'core|native-tensorflow|simd',
  'native-tensorflow': 'core|host',
}).map(([name, below]) => ({
  name: `${name.replace('-[^/]+', 's')}-imports-what-stands-below`,
  severity: 'error',
  from: { path: `^packages/(${name})/src/` },
  to: { path: '^packages/', pathNot: ['^packages/$1/', `^packages/(${below})/src/(architectures/)?index\\.ts$`] },
}));

/** Folders of a package, each of which imports none that comes after it. */
const inOrder = (name, folders) =>
  folders.slice(0, -1).map((folder, i) => ({
    name: `${name}-${folder}-comes-before-${folders[i + 1]}`,
    severity: 'error',
    from: { path: `^packages/${name}/src/${folder}/` },
    to: { path: `^packages/${name}/src/(${folders.slice(i + 1).join('|')})/` },
  }));

module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    { name: 'no-unresolved', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'packages-import-core-only',
      comment:
        'A package may import itself, core and the libraries; networks also what computes them, data sets what reads a folder.',
      severity: 'error',
      from: {
        path: `${packages}src/`,
        pathNot: '^packages/((model|data)-[^/]+|nn|engine|native-tensorflow|runner|study|(executor|store)-[^/]+)/',
      },
      to: { path: '^packages/', pathNot: ['^packages/$1/', '^packages/core/src/index\\.ts$', libraries] },
    },
    {
      name: 'data-sets-import-core-libraries-and-data-folder',
      comment:
        'A data set of files is data-folder with a download, names and defaults of its own: what lists, verifies and decodes stands there once.',
      severity: 'error',
      from: { path: '^packages/(data-[^/]+)/src/' },
      to: {
        path: '^packages/',
        pathNot: [
          '^packages/$1/',
          '^packages/data-folder/src/index\\.ts$',
          '^packages/core/src/index\\.ts$',
          libraries,
        ],
      },
    },
    ...networks,
    {
      name: 'executors-import-core-and-types-of-runner-and-store',
      comment: 'The runner loads them; they only know what its tasks look like.',
      severity: 'error',
      from: { path: '^packages/executor-[^/]+/src/' },
      to: {
        path: '^packages/',
        pathNot: ['^packages/executor-[^/]+/', '^packages/(core|runner|store)/src/index\\.ts$'],
      },
    },
    {
      name: 'executors-run-no-code-of-the-runner',
      severity: 'error',
      from: { path: '^packages/executor-[^/]+/src/' },
      to: { path: '^packages/(runner|store)/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'drivers-of-stores-import-core-and-types-of-the-store',
      severity: 'error',
      from: { path: '^packages/store-[^/]+/src/' },
      to: { path: '^packages/', pathNot: ['^packages/store-[^/]+/', '^packages/(core|store)/src/index\\.ts$'] },
    },
    {
      name: 'drivers-of-stores-run-no-code-of-the-store',
      severity: 'error',
      from: { path: '^packages/store-[^/]+/src/' },
      to: { path: '^packages/store/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'store-imports-what-stands-below',
      comment: 'It keeps results and knows no plugin, no study and no run.',
      severity: 'error',
      from: { path: '^packages/store/src/' },
      to: { path: '^packages/', pathNot: ['^packages/store/', '^packages/(core|files)/src/index\\.ts$'] },
    },
    {
      name: 'study-imports-what-stands-below',
      severity: 'error',
      from: { path: '^packages/study/src/' },
      to: {
        path: '^packages/',
        pathNot: ['^packages/study/', '^packages/(core|files|html|secrets|store)/src/index\\.ts$'],
      },
    },
    {
      name: 'runner-imports-what-stands-below',
      severity: 'error',
      from: { path: '^packages/runner/src/' },
      to: {
        path: '^packages/',
        pathNot: ['^packages/runner/', '^packages/(core|secrets|store|study)/src/index\\.ts$', libraries],
      },
    },
    {
      name: 'libraries-import-core-and-libraries',
      severity: 'error',
      from: {
        path: '^packages/(analysis|concept-activations|concept-matching|files|formats|host|html|images|numerics|secrets|simd)/src/',
      },
      to: { path: '^packages/', pathNot: ['^packages/$1/', '^packages/core/src/index\\.ts$', libraries] },
    },
    {
      name: 'analysis-draws-nothing',
      comment: "It gives data and sentences; pages, pictures and files are the report's.",
      severity: 'error',
      from: { path: '^packages/analysis/src/' },
      to: { path: '^(packages/(html|report|files)/|(node_modules/)?(sharp|vega|vega-lite|hyparquet-writer)/|node:)' },
    },
    ...inOrder('study', ['text', 'file', 'axes', 'nodes', 'recipes', 'outputs', 'editor', 'plan']),
    ...inOrder('store', ['records', 'leases', 'care', 'folder', 'bucket']),
    // Execution knows no display: the command line hears of it by events, and nothing imports the command line.
    ...inOrder('runner', [
      'text',
      'artifacts',
      'training',
      'kinds',
      'plugins',
      'tasks',
      'workers',
      'schedule',
      'services',
      'opening',
      'runs',
      'forecast',
      'command-line',
    ]),
    ...inOrder('nn', [
      'layers',
      'graph',
      'inputs',
      'fusing',
      'training',
      'evaluation',
      'compaction',
      'model',
      'architectures',
    ]),
    ...inOrder('analysis', ['text', 'study', 'results', 'claims', 'words', 'tables', 'comparing']),
    {
      name: 'core-imports-no-package',
      severity: 'error',
      from: { path: '^packages/core/src/' },
      to: { path: '^packages/', pathNot: '^packages/core/' },
    },
    {
      name: 'inversify-in-one-file',
      severity: 'error',
      from: { path: '^packages/', pathNot: '^packages/runner/src/services/container\\.ts$' },
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
      from: { path: `${packages}src/`, pathNot: '^packages/(core|store|runner)/src/testing/' },
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
