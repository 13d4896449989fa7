/** An archive that can be fetched and checked. */
export interface Archive {
  /** Name of the folder inside, and of the folder it becomes in the cache. */
  readonly name: string;
  readonly url: string;
  /** MD5 of the whole file, hexadecimal. */
  readonly md5: string;
}

const host = 'https://s3.amazonaws.com/fast-ai-imageclas';

/** The official archives of ImageNette, version 2, by the shorter side of their images. */
export const archives = {
  '160': { name: 'imagenette2-160', url: `${host}/imagenette2-160.tgz`, md5: 'e793b78cc4c9e9a4ccc0c1155377a412' },
  '320': { name: 'imagenette2-320', url: `${host}/imagenette2-320.tgz`, md5: '3df6f0d01a2c9592104656642f5e78a3' },
  full: { name: 'imagenette2', url: `${host}/imagenette2.tgz`, md5: 'fe2fc210e6bb7c5664d602c3cd71e612' },
} as const satisfies Readonly<Record<string, Archive>>;
