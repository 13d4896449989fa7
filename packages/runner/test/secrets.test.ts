import { cleared, learnSecrets, terminalJson, terminalText, withoutSecrets } from '@espalier/secrets';
import { afterEach, expect, test, vi } from 'vitest';

afterEach(() => vi.unstubAllEnvs());

test.each([
  ['redis://:pa55@host:6379', 'redis://***@host:6379'],
  ['redis://user:pa55@host/0?family=4', 'redis://***@host/0?family=4'],
  ['redis://host/0?password=pa55', 'redis://host/0?password=***'],
  ['redis://host/0?pass%77ord=pa55&db=1', 'redis://host/0?pass%77ord=***&db=1'],
  ['redis://host/0?password=pa@55#x', 'redis://host/0?password=***'],
  ['postgresql://host/base?user=me&password=pa55', 'postgresql://host/base?user=me&password=***'],
  ['s3://AKIA:pa55/+x@bucket/prefix', 's3://***@bucket/prefix'],
  ['redis://:p?a#s/s@5@host', 'redis://***@host'],
  ['https://token@host/x', 'https://***@host/x'],
  [
    'https://b.s3.amazonaws.com/o?X-Amz-Credential=A&X-Amz-Signature=b1&size=3',
    'https://b.s3.amazonaws.com/o?X-Amz-Credential=***&X-Amz-Signature=***&size=3',
  ],
  ['https://host/o?sv=1&sig=abc', 'https://host/o?sv=1&sig=***'],
  ['https://host/cb#access_token=abc&state=1', 'https://host/cb#access_token=***&state=1'],
  ['HTTPS://Me:pa55@host', 'HTTPS://***@host'],
  ['https://registry.example/@scope/name', 'https://registry.example/@scope/name'],
  ['http://127.0.0.1:4873/@scope/name', 'http://127.0.0.1:4873/@scope/name'],
  ['see https://example.org/a, or write to me@example.org', 'see https://example.org/a, or write to me@example.org'],
])('%s is written as %s', (text, clean) => {
  expect(withoutSecrets(text)).toBe(clean);
  expect(withoutSecrets(`one "${text}" and two <${text}>`)).toBe(`one "${clean}" and two <${clean}>`);
});

test.each([
  ["--param token=abc 'password=a b c'", "--param token=*** 'password=***'"],
  ['--password=abc', '--password=***'],
  ['host=x password=abc dbname=y', 'host=x password=*** dbname=y'],
  ['AWS_SECRET_ACCESS_KEY=abc AWS_REGION=eu', 'AWS_SECRET_ACCESS_KEY=*** AWS_REGION=eu'],
  ['{ "apiKey": "a\\"b", "size": 3 }', '{ "apiKey": "***", "size": 3 }'],
  ['Authorization: Bearer abc.def', 'Authorization: Bearer ***'],
  ['attr[key=3,token=2] seed=4 monkey=1', 'attr[key=3,token=2] seed=4 monkey=1'],
])('%s is written as %s', (text, clean) => {
  expect(withoutSecrets(text)).toBe(clean);
});

test('what the environment holds is hidden in every form it is written in', () => {
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'wJ/al+r x"9');
  vi.stubEnv('ESPALIER_EXECUTOR_URL', 'redis://:p%40ss%2Fw1@host');
  const forms = [
    'wJ/al+r x"9',
    'wJ%2Fal%2Br%20x%229',
    'wJ%2fal%2br%20x%229',

    'p@ss/w1',
    'p%40ss%2Fw1',
  ];
  for (const form of forms) expect(withoutSecrets(`<${form}>`), form).toBe('<***>');
  expect(withoutSecrets(JSON.stringify({ text: 'wJ/al+r x"9' }))).toBe('{"text":"***"}');
});

test('a password that is an ordinary word is hidden as a word, and no path or digest is broken', () => {
  vi.stubEnv('PGPASSWORD', 'espalier');
  vi.stubEnv('MY_TOKEN', 'ab12');
  vi.stubEnv('AWS_SHARED_TOKEN_FILE', '/home/me/token');
  vi.stubEnv('SHORT_TOKEN', 'a');
  expect(
    withoutSecrets('wrong: espalier. Store /x/.espalier/store, @espalier/core, ab12, 0ab12f, /home/me/token'),
  ).toBe('wrong: ***. Store /x/.espalier/store, @espalier/core, ***, 0ab12f, /home/me/token');
});

test('what the command line says is known from then on', () => {
  learnSecrets([
    'run',
    '--url',
    `redis://:it's "quoted" @x@host`,
    '--url=redis://host?password=l3arned',
    '--param',
    'token={"f00',
  ]);
  expect(withoutSecrets(`a it's "quoted" @x b l3arned c {"f00`)).toBe('a *** b *** c ***');
});

test('plain JSON is cleared in its texts and names, not in what is read again', () => {
  const told = {
    type: 'log',
    instance: 'a',
    line: 'redis://u:p@h',
    list: [{ 'http://u:p@h': 1, password: 'x', n: 2 }],
  };
  expect(cleared(told)).toEqual({
    type: 'log',
    instance: 'a',
    line: 'redis://***@h',
    list: [{ 'http://***@h': 1, password: '***', n: 2 }],
  });
});

test('a terminal gets nothing that it obeys', () => {
  const hostile = 'a\x1b[2Jb\x9b1mc\x00d\u202ee\rf\x7fg\th\r\ni';
  expect(terminalText(hostile)).toBe('a\ufffd[2Jb\ufffd1mc\ufffdd\ufffde\ufffdf\ufffdg\th\r\ni');
  const json = terminalJson({ [hostile]: hostile });
  expect(json).not.toMatch(/[\p{Cc}\u2028-\u202e]/u);
  expect(JSON.parse(json)).toEqual({ [hostile]: hostile });
});
