export { type FilePurpose, fileError, isMissing, notRegular, shownPath, tooLarge } from './file-error.ts';
export { type FileFormat, type FormatName, fileFormat, formatBytes, foundInstead } from './file-format.ts';
export {
  kindOf,
  type ReadOptions,
  readFlags,
  readHeadSync,
  readRegularFile,
  readRegularFileSync,
} from './regular-file.ts';
export { visible } from './visible-text.ts';
