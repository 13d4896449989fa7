import { StudyError } from '@espalier/core';

/** What makes ONNX files that are read here. */
export const exporterLine =
  'torch.onnx.export(model, (images,), "network.onnx", dynamo=True, optimize=False, external_data=False)';

/** The file is damaged, or no ONNX model. */
export function invalid(file: string, text: string, cause?: unknown): StudyError {
  return new StudyError('model-onnx/invalid', `${file}: ${text}`, { cause });
}

/** The file is fine, but there is no rule for what it holds. */
export function unsupported(file: string, text: string): StudyError {
  return new StudyError('model-onnx/unsupported', `${file}: ${text}`);
}

/** Text from a file as a person may read it, and not too long. */
export function quoted(text: string): string {
  const shown = text.length > 80 ? `${text.slice(0, 77)}...` : text;
  return JSON.stringify(shown);
}
