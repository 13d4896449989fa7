/** The part of tar-stream 3 that this package uses; the package ships no types. */
declare module 'tar-stream' {
  interface Header {
    readonly name: string;
    readonly size: number;
    /** `file`, `directory`, `link`, `symlink`, a device or fifo; null for kinds that the format does not know. */
    readonly type: string | null;
  }
  interface Entry extends AsyncIterable<Uint8Array> {
    readonly header: Header;
  }
  interface Extract extends NodeJS.WritableStream, AsyncIterable<Entry> {}
  export function extract(): Extract;
}
