// As V8 writes them, also behind the name of an instance in a log.
const frame = /^[^\n]*?(?: {4}|\t)at [^\n]*(?::\d+:\d+\)?|\((?:<anonymous>|native|index \d+)\)|<anonymous>)(?:\n|$)/gm;

/** `text` without the lines that are frames of a stack: they tell nothing to whoever looks for no defect. */
export function withoutFrames(text: string): string {
  return text.includes('at ') ? text.replace(frame, '') : text;
}
