import { existsSync, readFileSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { extract } from 'tar-stream';
import type { Host } from '../host.ts';
import { addonVersion } from '../native-key.ts';
import { installFailure } from './install-failure.ts';
import { runCommand } from './run-command.ts';

/** Files of an npm package, gathered in a folder. */
export interface Sources {
  readonly folder: string;
  /** Where they came from, for the log. */
  readonly origin: string;
}

export interface SourceRequest {
  readonly name: string;
  readonly version: string;
  /** The folder within the package that holds the files, for example `binding`. */
  readonly within: string;
  readonly files: readonly string[];
}

/** The C++ of tfjs-node's addon. */
export const addonSources: SourceRequest = {
  name: '@tensorflow/tfjs-node-gpu',
  version: addonVersion,
  within: 'binding',
  files: [
    'napi_auto_ref.h',
    'tf_auto_status.h',
    'tf_auto_tensor.h',
    'tfe_auto_op.h',
    'tfjs_backend.cc',
    'tfjs_backend.h',
    'tfjs_binding.cc',
    'utils.h',
  ],
};

/** Node's own headers for addons, without which node-gyp would download all of Node's. */
export const napiHeaders: SourceRequest = {
  name: 'node-api-headers',
  version: '1.5.0',
  within: 'include',
  files: ['js_native_api.h', 'js_native_api_types.h', 'node_api.h', 'node_api_types.h'],
};

/**
 * The files from an installed copy of exactly this version, as resolved from the host's folder or from this package, or else
 * from the registry that npm is configured for. Nothing is installed and no script of the package runs.
 */
export async function packageSources(request: SourceRequest, host: Host, workFolder: string): Promise<Sources> {
  const installed = resolvePackage(request, [join(host.folder, 'package.json'), import.meta.url]);
  if (installed) return { folder: join(installed, request.within), origin: installed };
  const folder = join(workFolder, request.name.replaceAll(/[^a-z0-9]+/g, '-'));
  await mkdir(folder, { recursive: true });
  const files = await readTarball(await readFile(await packTarball(request, host, folder)));
  for (const file of request.files) {
    const bytes = files.get(`package/${request.within}/${file}`);
    if (!bytes) throw installFailure(`${request.name} ${request.version} from npm has no ${request.within}/${file}`);
    await writeFile(join(folder, basename(file)), bytes);
  }
  return { folder, origin: `npm pack ${request.name}@${request.version}` };
}

function resolvePackage(request: SourceRequest, from: readonly string[]): string | null {
  for (const place of from) {
    try {
      const manifest = createRequire(place).resolve(`${request.name}/package.json`);
      const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version?: unknown };
      const folder = dirname(manifest);
      const complete = request.files.every((file) => existsSync(join(folder, request.within, file)));
      if (version === request.version && complete) return folder;
    } catch {
      // Not installed there.
    }
  }
  return null;
}

async function packTarball({ name, version }: SourceRequest, host: Host, folder: string): Promise<string> {
  const args = ['pack', `${name}@${version}`, '--ignore-scripts', '--silent', '--pack-destination', folder];
  // In the user's folder, so that the .npmrc of the project counts.
  const result = await runCommand('npm', args, { env: host.env, folder: host.folder });
  if (!result) throw installFailure(`npm was not found on the PATH, and ${name} ${version} is not installed`);
  const tarball = (await readdir(folder)).find((file) => file.endsWith('.tgz'));
  if (result.status === 0 && tarball) return join(folder, tarball);
  const lines = result.stderr.split('\n').filter((line) => /^npm (error|ERR!)/.test(line));
  const reason = lines
    .map((line) => line.replace(/^npm (error|ERR!)\s*/, '').trim())
    .find((line) => !line.startsWith('code '));
  throw installFailure(
    `npm could not fetch ${name}@${version} (${reason ?? `status ${result.status}`}); check the network and npm's registry setting`,
    new Error(result.stderr),
  );
}

/** The regular files of a gzipped tar archive by name; nothing is written anywhere. @throws Error for other bytes */
export async function readTarball(bytes: Uint8Array): Promise<ReadonlyMap<string, Buffer>> {
  const files = new Map<string, Buffer>();
  const archive = extract();
  archive.end(gunzipSync(bytes));
  for await (const entry of archive) {
    const { name, size, type } = entry.header;
    // A size that is none would be read for ever.
    if (!Number.isSafeInteger(size) || size! < 0)
      throw new Error(`the size of ${JSON.stringify(name)} is no number of bytes`);
    const parts: Uint8Array[] = [];
    for await (const part of entry) parts.push(part);
    if (type === 'file') files.set(name, Buffer.concat(parts));
  }
  return files;
}
