/** What the first bytes of a file say that it is. */
export interface FileFormat {
  readonly name: FormatName;
  /** With its article, for a sentence: `a PNG image`. */
  readonly words: string;
  /** What to do about it, whatever was expected; absent where that depends on what the file is for. */
  readonly advice?: string;
}

/** How many bytes of a file {@link fileFormat} looks at; it may be given fewer, or the whole file. */
export const formatBytes = 4096;

interface Known {
  readonly words: string;
  readonly advice?: string;
  /** @param text one character per byte, as in Latin-1 */
  matches(text: string, head: Uint8Array): boolean;
}

const startsWith =
  (...starts: readonly string[]) =>
  (text: string): boolean =>
    starts.some((start) => text.startsWith(start));

// The brands of ISO base media files (ISO/IEC 14496-12) that hold pictures in HEIF or AVIF.
const pictureBrand = /^[\s\S]{4}ftyp[\s\S]{0,64}?(?:hei[cfmsx]|hev[cmsx]|mif[12]|msf1|avi[fs])/;

const unpack = 'unpack it and name what is inside';

// In the order of asking: what is more exact stands before what holds it.
const known = {
  empty: {
    words: 'an empty file',
    advice: 'copy or download it again',
    matches: (text) => text === '',
  },
  zeros: {
    words: 'a file of zero bytes, as a broken copy leaves it',
    advice: 'copy or download it again',
    matches: (text) => text.length >= 16 && /^\0*$/.test(text),
  },
  'git-lfs-pointer': {
    words: 'a Git LFS pointer',
    advice: 'fetch the file that it stands for with "git lfs pull"',
    matches: startsWith('version https://git-lfs.github.com/', 'version https://hawser.github.com/'),
  },
  'git-annex-pointer': {
    words: 'a git-annex pointer',
    advice: 'fetch the file that it stands for with "git annex get"',
    matches: startsWith('/annex/objects/'),
  },
  html: {
    words: 'an HTML page',
    advice: 'the server answered with a page instead of the file: open its address in a browser and download it again',
    matches: (text) => /^<(?:!doctype html|html|head|body|title)\b/i.test(markup(text)),
  },
  svg: { words: 'an SVG drawing', matches: (text) => isXml(text) && /<svg[\s>]/i.test(text) },
  xml: { words: 'an XML document', matches: (text) => isXml(text) },
  jpeg: { words: 'a JPEG image', matches: startsWith('\xff\xd8\xff') },
  png: { words: 'a PNG image', matches: startsWith('\x89PNG\r\n\x1a\n') },
  gif: { words: 'a GIF image', matches: startsWith('GIF87a', 'GIF89a') },
  webp: { words: 'a WebP image', matches: (text) => /^RIFF[\s\S]{4}WEBP/.test(text) },
  tiff: { words: 'a TIFF image', matches: startsWith('II*\0', 'MM\0*', 'II+\0', 'MM\0+') },
  // Two letters are not enough to tell: the size of the header that follows is one of a few.
  bmp: {
    words: 'a BMP image',
    matches: (text, head) =>
      text.startsWith('BM') && [12, 40, 52, 56, 64, 108, 124].includes(head[14]!) && head[15] === 0,
  },
  heif: { words: 'a HEIF or AVIF image', matches: (text) => pictureBrand.test(text) },
  'jpeg-2000': { words: 'a JPEG 2000 image', matches: startsWith('\0\0\0\x0cjP  \r\n', '\xff\x4f\xff\x51') },
  'jpeg-xl': { words: 'a JPEG XL image', matches: startsWith('\xff\x0a', '\0\0\0\x0cJXL \r\n') },
  photoshop: { words: 'a Photoshop document', matches: startsWith('8BPS') },
  'apple-double': {
    words: 'what macOS writes beside a file (AppleDouble)',
    advice: 'delete it',
    matches: startsWith('\0\x05\x16\x07'),
  },
  pdf: { words: 'a PDF document', matches: startsWith('%PDF-') },
  // torch.save writes a zip whose first entry is `<name>/data.pkl` (or a marker beside it); TorchScript adds code.
  'torch-zip': {
    words: 'a PyTorch file (torch.save)',
    matches: (text) => {
      const first = firstZipName(text);
      return (
        first !== undefined &&
        /\/(?:data\.pkl|\.format_version|\.storage_alignment|byteorder|version|constants\.pkl)$/.test(first)
      );
    },
  },
  'numpy-zip': { words: 'a NumPy archive (.npz)', matches: (text) => firstZipName(text)?.endsWith('.npy') === true },
  zip: { words: 'a zip archive', advice: unpack, matches: startsWith('PK\x03\x04', 'PK\x05\x06', 'PK\x07\x08') },
  // What torch.save wrote before version 1.6 begins with the pickle of this number: 0x1950a86a20f9469cfc6c.
  'torch-pickle': {
    words: 'a PyTorch file (torch.save)',
    matches: (text) => isPickle(text) && text.slice(2).startsWith('\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.'),
  },
  pickle: { words: 'a Python pickle', matches: (text) => isPickle(text) },
  hdf5: { words: 'an HDF5 file, as Keras writes it (.h5)', matches: startsWith('\x89HDF\r\n\x1a\n') },
  numpy: { words: 'a NumPy array (.npy)', matches: startsWith('\x93NUMPY') },
  gguf: { words: 'a GGUF file', matches: startsWith('GGUF') },
  gzip: { words: 'a gzip archive', advice: unpack, matches: startsWith('\x1f\x8b') },
  bzip2: { words: 'a bzip2 archive', advice: unpack, matches: (text) => /^BZh[1-9]1AY&SY/.test(text) },
  xz: { words: 'an xz archive', advice: unpack, matches: startsWith('\xfd7zXZ\0') },
  zstd: { words: 'a Zstandard archive', advice: unpack, matches: startsWith('\x28\xb5\x2f\xfd') },
  '7z': { words: 'a 7-Zip archive', advice: unpack, matches: startsWith('7z\xbc\xaf\x27\x1c') },
  rar: { words: 'a RAR archive', advice: unpack, matches: startsWith('Rar!\x1a\x07') },
  tar: { words: 'a tar archive', advice: unpack, matches: (text) => text.slice(257, 262) === 'ustar' },
  parquet: { words: 'a Parquet file', matches: startsWith('PAR1') },
  // The length of the header in eight bytes, little-endian and below 2^32, then the header, a JSON object.
  safetensors: { words: 'a safetensors file', matches: (text) => /^[\s\S]{4}\0\0\0\0\{/.test(text) },
  // A protobuf message whose first field is a small version, and its second the name of the producer or the graph.
  onnx: { words: 'an ONNX model', matches: (_, head) => isOnnx(head) },
  'utf-16': {
    words: 'text in UTF-16',
    advice: 'save it as UTF-8',
    matches: startsWith('\xff\xfe', '\xfe\xff'),
  },
  json: {
    words: 'JSON text',
    matches: (text) => /^(?:\xef\xbb\xbf)?\s*[{[]\s*["\d{[\]}tfn-]/.test(text) && isText(text),
  },
  text: { words: 'plain text', matches: (text) => isText(text) },
} as const satisfies Readonly<Record<string, Known>>;

/** Stable names of the formats that are told apart. */
export type FormatName = keyof typeof known;

/**
 * The format of a file by its first bytes, whatever its name says; undefined when they tell nothing.
 *
 * It tells a person what is there instead of what was expected. It is no check: a reader still checks what it reads.
 *
 * @param head the first bytes of the file, {@link formatBytes} of them or what there is
 */
export function fileFormat(head: Uint8Array): FileFormat | undefined {
  const bytes = head.subarray(0, formatBytes);
  const text = String.fromCharCode(...bytes);
  // Object.entries widens the keys to string.
  for (const [name, { matches, ...rest }] of Object.entries<Known>(known) as [FormatName, Known][]) {
    if (matches(text, bytes)) return { name, ...rest };
  }
  return undefined;
}

/**
 * A clause for an error, without a full stop: what `head` is and, where it is known, what to do about it.
 * @param head the first bytes of a file, a few hundred are enough
 */
export function foundInstead(head: Uint8Array): string | undefined {
  const found = fileFormat(head);
  if (found === undefined) return undefined;
  return found.advice === undefined ? `it is ${found.words}` : `it is ${found.words}; ${found.advice}`;
}

function isXml(text: string): boolean {
  return /^<(?:\?xml|!doctype|svg)[\s>]/i.test(markup(text));
}

/** `text` from its first tag: without a byte order mark, spaces and comments before it. */
function markup(text: string): string {
  let rest = text.replace(/^\xef\xbb\xbf/, '').trimStart();
  while (rest.startsWith('<!--')) {
    const end = rest.indexOf('-->');
    if (end < 0) return '';
    rest = rest.slice(end + 3).trimStart();
  }
  return rest;
}

// A protobuf message: the version of the format (field 1), then the name of the producer (2) or the graph (7).
function isOnnx([first, version, second, length, letter]: Uint8Array): boolean {
  if (first !== 0x08 || version! < 1 || version! > 31) return false;
  return second === 0x3a || (second === 0x12 && length! <= 64 && letter! >= 0x20 && letter! < 0x7f);
}

// Protocols 2 to 5 begin with their number; 0 and 1 cannot be told from text.
function isPickle(text: string): boolean {
  return text.startsWith('\x80') && ['\x02', '\x03', '\x04', '\x05'].includes(text[1]!);
}

function isText(text: string): boolean {
  return !/(?![\t\n\v\f\r\x80-\x9f])\p{Cc}/u.test(text); // the bytes of UTF-8 letters may look like C1 controls
}

/** The name of a zip archive's first entry (APPNOTE 4.3.7: its length at byte 26, the name from byte 30). */
function firstZipName(text: string): string | undefined {
  if (!text.startsWith('PK\x03\x04') || text.length < 30) return undefined;
  return text.slice(30, 30 + text.charCodeAt(26) + 256 * text.charCodeAt(27));
}
