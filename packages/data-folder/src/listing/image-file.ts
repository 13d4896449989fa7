/** One image of a dataset on disk. */
export interface ImageFile {
  /** Path from the dataset's folder, with `/`, for example `val/n01440764/x.JPEG`: the sample id. */
  readonly id: string;
  readonly path: string;
  /** Index of its class. */
  readonly label: number;
}
