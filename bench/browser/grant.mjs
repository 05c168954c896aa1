// What a peer needs to write where Sluice would let it: the same batch, the same credentials, signed in advance.

import { createHash, createHmac } from 'node:crypto';

const sha256 = (text) => createHash('sha256').update(text).digest('hex');
const hmac = (key, text) => createHmac('sha256', key).update(text).digest();
const encode = (text) => encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);

/** Bytes of a part: as many as Sluice's have. */
const PART = 16 << 20;

/**
 * Opens a batch with an API token, and signs what the peers cannot sign themselves; with `parts`, an upload in parts
 * for each file as well.
 */
export async function openBatch({ url, token, hosts, names, size, parts }) {
  const answer = await fetch(`${url}/api/v1/batches`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ project: 'default', grant: 'credentials' }),
  });
  const batch = await answer.json();
  if (!answer.ok) throw new Error(`opening a batch: ${JSON.stringify(batch)}`);
  const { grant, store, prefix } = batch;
  const bucket = new URL(store.bases[0]).pathname.split('/')[1];
  const signer = new Signer({ grant, region: store.region });
  return {
    bucket,
    region: store.region,
    prefix,
    hosts,
    credentials: {
      accessKeyId: grant.access_key_id,
      secretAccessKey: grant.secret_access_key,
      sessionToken: grant.session_token,
      expiration: new Date(grant.expires_at).toISOString(),
    },
    urls: Object.fromEntries(names.map((name) => [name, signer.url('PUT', hosts[0], `/${bucket}/${prefix}${name}`)])),
    uploads: Object.fromEntries(parts
      ? await Promise.all(names.map(async (name) => [name, await beginUpload(signer, hosts, `/${bucket}/${prefix}${name}`, size)]))
      : []),
    fields: signer.policy(bucket, prefix),
  };
}

/** Begins an upload in parts; answers the URLs of its parts, over all host names in turn, and of its completion. */
async function beginUpload(signer, hosts, path, size) {
  const answer = await fetch(signer.url('POST', hosts[0], path, { uploads: '' }), { method: 'POST' });
  const id = /<UploadId>([^<]+)</.exec(await answer.text())?.[1];
  if (!id) throw new Error(`beginning an upload was answered with ${answer.status}`);
  const part = (_, at) => signer.url('PUT', hosts[at % hosts.length], path, { partNumber: String(at + 1), uploadId: id });
  return {
    partSize: PART,
    parts: Array.from({ length: Math.ceil(size / PART) }, part),
    complete: signer.url('POST', hosts[0], path, { uploadId: id }),
  };
}

/** Signature version 4, as the S3 documentation has it for query strings and POST policies. */
class Signer {
  constructor({ grant, region }) {
    this.grant = grant;
    this.date = new Date().toISOString().replace(/[-:]|\.\d{3}/g, '');
    this.scope = `${this.date.slice(0, 8)}/${region}/s3/aws4_request`;
    this.key = [this.date.slice(0, 8), region, 's3', 'aws4_request'].reduce(hmac, `AWS4${grant.secret_access_key}`);
  }

  url(method, origin, path, more = {}) {
    const query = Object.entries({
      'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
      'X-Amz-Content-Sha256': 'UNSIGNED-PAYLOAD',
      'X-Amz-Credential': `${this.grant.access_key_id}/${this.scope}`,
      'X-Amz-Date': this.date,
      'X-Amz-Expires': '3600',
      'X-Amz-Security-Token': this.grant.session_token,
      'X-Amz-SignedHeaders': 'host',
      ...more,
    }).map(([name, value]) => `${name}=${encode(value)}`).join('&');
    const escaped = path.split('/').map(encode).join('/');
    const canonical = [method, escaped, query, `host:${new URL(origin).host}`, '', 'host', 'UNSIGNED-PAYLOAD'].join('\n');
    const text = ['AWS4-HMAC-SHA256', this.date, this.scope, sha256(canonical)].join('\n');
    return `${origin}${escaped}?${query}&X-Amz-Signature=${hmac(this.key, text).toString('hex')}`;
  }

  policy(bucket, prefix) {
    const fields = {
      'x-amz-algorithm': 'AWS4-HMAC-SHA256',
      'x-amz-credential': `${this.grant.access_key_id}/${this.scope}`,
      'x-amz-date': this.date,
      'x-amz-security-token': this.grant.session_token,
    };
    const conditions = [
      { bucket }, ['starts-with', '$key', prefix], ['starts-with', '$Content-Type', ''],
      ...Object.entries(fields).map(([name, value]) => ({ [name]: value })),
    ];
    const expiration = new Date(Date.now() + 3_000_000).toISOString();
    const policy = Buffer.from(JSON.stringify({ expiration, conditions })).toString('base64');
    return { ...fields, policy, 'x-amz-signature': hmac(this.key, policy).toString('hex') };
  }
}
