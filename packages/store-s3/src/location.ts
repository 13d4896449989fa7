import { StudyError } from '@espalier/core';

/** Where the objects of a store are, and with what they are reached. */
export interface Location {
  /** URL of the bucket, without an end slash. */
  readonly bucketUrl: string;
  /** What the store's objects begin with: empty, or with an end slash. */
  readonly prefix: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** For temporary credentials. */
  readonly sessionToken?: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The bucket and prefix that `s3://bucket/prefix` names, reached as the standard AWS variables say.
 *
 * @throws StudyError `core/options-invalid` for another URL, and without credentials
 */
export function locationOf(url: string, environment: Environment): Location {
  const [, bucket, path = ''] = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/([\w./=-]*))?$/.exec(url) ?? [];
  if (bucket === undefined || path.split('/').includes('..')) {
    throw new StudyError(
      'core/options-invalid',
      `Expected a store such as s3://my-bucket/studies, found ${/[@?#]/.test(url) ? 'one with an @, ? or #' : JSON.stringify(url)}. Prefixes are made of letters, digits and . _ = - /.`,
    );
  }
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = environment;
  if (!AWS_ACCESS_KEY_ID || !AWS_SECRET_ACCESS_KEY) {
    throw new StudyError(
      'core/options-invalid',
      `The store ${url} needs credentials in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (and AWS_SESSION_TOKEN, if they are temporary). ` +
        'From a profile of the AWS command line:  eval "$(aws configure export-credentials --format env)"',
    );
  }
  checkEndpoint(environment, 'AWS_ENDPOINT_URL_S3');
  checkEndpoint(environment, 'AWS_ENDPOINT_URL');
  const region = environment.AWS_REGION || environment.AWS_DEFAULT_REGION || 'us-east-1';
  const bucketUrl = bucketUrlOf(bucket, region, environment.AWS_ENDPOINT_URL_S3 || environment.AWS_ENDPOINT_URL);
  if (!/^[a-z0-9-]{1,64}$/.test(region) || !URL.canParse(bucketUrl)) {
    throw new StudyError(
      'core/options-invalid',
      `The store ${url} has no address that can be reached: expected in AWS_REGION a name such as eu-central-1, and in AWS_ENDPOINT_URL, if it is set, a URL such as https://s3.example.org:9000.`,
    );
  }
  return {
    bucketUrl,
    prefix: path === '' ? '' : `${path.replace(/^\/+|\/+$/g, '')}/`,
    region,
    accessKeyId: AWS_ACCESS_KEY_ID,
    secretAccessKey: AWS_SECRET_ACCESS_KEY,
    ...(AWS_SESSION_TOKEN && { sessionToken: AWS_SESSION_TOKEN }),
  };
}

// No message shows it: it may hold secrets.
function checkEndpoint(environment: Environment, name: 'AWS_ENDPOINT_URL' | 'AWS_ENDPOINT_URL_S3'): void {
  const endpoint = environment[name];
  if (!endpoint || /^https?:\/\/[^\s@?#]+$/i.test(endpoint)) return;
  throw new StudyError(
    'core/options-invalid',
    `Expected in ${name} where a server is, such as https://s3.example.org, with no user, password or parameters. ` +
      'Credentials belong in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.',
  );
}

// Certificates of AWS have one level below the region; servers of one's own seldom have names for buckets.
function bucketUrlOf(bucket: string, region: string, endpoint: string | undefined): string {
  if (endpoint) return `${endpoint.replace(/\/+$/, '')}/${bucket}`;
  if (bucket.includes('.')) return `https://s3.${region}.amazonaws.com/${bucket}`;
  return `https://${bucket}.s3.${region}.amazonaws.com`;
}
