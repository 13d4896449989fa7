export { type PackageKind, packageKinds } from './kinds.ts';
export { type MethodFiles, methodFiles } from './method-files.ts';
export { namesOf } from './names.ts';
