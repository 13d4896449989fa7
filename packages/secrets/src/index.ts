export { isPlainWord, learnSecrets } from './known-secrets.ts';
export { isSecretName } from './secret-names.ts';
export { terminalJson, terminalText } from './terminal-text.ts';
export { cleared, secretRemover, withoutSecrets } from './without-secrets.ts';
