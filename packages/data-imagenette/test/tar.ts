import { gzipSync } from 'node:zlib';

export interface TarEntry {
  readonly name: string;
  /** One character of the tar format: `0` file, `1` link, `2` symbolic link, `3` device, `5` folder, `L` long name. */
  readonly type?: string;
  readonly content?: Uint8Array | string;
  readonly linkName?: string;
  /** The twelve bytes that say the size, where they are not those of `content`. */
  readonly size?: Uint8Array | string;
}

/** A gzipped tar file with exactly these entries, however hostile. */
export function tarOf(entries: readonly TarEntry[]): Buffer {
  return gzipSync(Buffer.concat([...entries.map(block), Buffer.alloc(1024)]));
}

function block({ name, type = '0', content = '', linkName = '', size }: TarEntry): Buffer {
  const body = Buffer.from(content);
  const header = Buffer.alloc(512);
  header.write(name, 0, 100, 'latin1');
  header.write('0000644\0', 100);
  header.write(`${body.length.toString(8).padStart(11, '0')}\0`, 124);
  if (size !== undefined) Buffer.from(size).copy(header, 124, 0, 12);
  header.write('00000000000\0', 136);
  header.write('        ', 148);
  header.write(type, 156);
  header.write(linkName, 157, 100, 'latin1');
  header.write('ustar\x0000', 257, 'latin1');
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return Buffer.concat([header, body, Buffer.alloc((512 - (body.length % 512)) % 512)]);
}
