export { type FilePurpose, fileError, isMissing, notRegular, shownPath, tooLarge } from './file-error.ts';
export { kindOf, type ReadOptions, readRegularFile, readRegularFileSync } from './regular-file.ts';
