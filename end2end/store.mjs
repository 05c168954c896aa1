// The store, seen from outside: a small S3 client with its own signatures, so that nothing of Sluice vouches for itself.

import { createHash, createHmac } from 'node:crypto';

const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');
const hmac = (key, text) => createHmac('sha256', key).update(text).digest();
const encode = (text) => encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);

/** A bucket, by its URL without a slash at the end, as somebody with these keys sees it. */
export class Bucket {
  #base;
  #region;
  #keys;

  constructor({ base, region, accessKeyId, secretAccessKey, sessionToken }) {
    this.#base = new URL(base);
    this.#region = region;
    this.#keys = { accessKeyId, secretAccessKey, sessionToken };
  }

  /** The bucket's name, where the URL has it as a path. */
  get name() {
    return this.#base.pathname.split('/')[1];
  }

  /** The same bucket, with other keys. */
  as(keys) {
    return new Bucket({ base: this.#base.href, region: this.#region, ...keys });
  }

  /** Sends a signed request; answers what `fetch` does. */
  async request(method, key, { query = {}, body = '', headers = {} } = {}) {
    const now = new Date().toISOString().replace(/[-:]|\.\d{3}/g, '');
    const path = `${this.#base.pathname.replace(/\/$/, '')}/${key.split('/').map(encode).join('/')}`;
    const search = Object.entries(query).map(([name, value]) => `${encode(name)}=${encode(String(value))}`).sort().join('&');
    const signed = {
      ...headers,
      host: this.#base.host,
      'x-amz-content-sha256': sha256(body),
      'x-amz-date': now,
      ...(this.#keys.sessionToken && { 'x-amz-security-token': this.#keys.sessionToken }),
    };
    const names = Object.keys(signed).sort();
    const canonical = [
      method,
      path,
      search,
      ...names.map((name) => `${name}:${signed[name].trim()}`),
      '',
      names.join(';'),
      signed['x-amz-content-sha256'],
    ].join('\n');
    const scope = `${now.slice(0, 8)}/${this.#region}/s3/aws4_request`;
    const dayKey = [now.slice(0, 8), this.#region, 's3', 'aws4_request'].reduce(hmac, `AWS4${this.#keys.secretAccessKey}`);
    const signature = hmac(dayKey, ['AWS4-HMAC-SHA256', now, scope, sha256(canonical)].join('\n')).toString('hex');
    const { host: _, ...sent } = signed;
    sent.authorization =
      `AWS4-HMAC-SHA256 Credential=${this.#keys.accessKeyId}/${scope}, SignedHeaders=${names.join(';')}, Signature=${signature}`;
    const url = `${this.#base.origin}${path}${search && `?${search}`}`;
    return fetch(url, { method, headers: sent, ...(body !== '' && { body }) });
  }

  /** Every key of a person's file below a prefix, with its size. Thumbnails come beside them, whenever they are made. */
  async files(prefix = '') {
    return new Map([...(await this.list(prefix))].filter(([key]) => !isThumbnail(key)));
  }

  /** Every key below a prefix, with its size. */
  async list(prefix = '') {
    const found = new Map();
    for (let token; ; ) {
      const query = { 'list-type': 2, 'encoding-type': 'url', prefix, ...(token && { 'continuation-token': token }) };
      const answer = await this.request('GET', '', { query });
      const xml = await answer.text();
      if (!answer.ok) throw new Error(`listing: ${answer.status} ${xml}`);
      for (const [, entry] of xml.matchAll(/<Contents>(.*?)<\/Contents>/gs)) {
        found.set(decodeURIComponent(unescape(field(entry, 'Key')).replace(/\+/g, ' ')), Number(field(entry, 'Size')));
      }
      if (field(xml, 'IsTruncated') !== 'true') return found;
      token = unescape(field(xml, 'NextContinuationToken'));
    }
  }

  /** SHA-256 of an object's bytes, as they are read back. */
  async sha256(key) {
    const answer = await this.request('GET', key);
    if (!answer.ok) throw new Error(`reading ${key}: ${answer.status} ${await answer.text()}`);
    return sha256(Buffer.from(await answer.arrayBuffer()));
  }
}

/** Whether a key is a thumbnail's. */
export function isThumbnail(key) {
  return key.includes('/.sluice/thumbnails/');
}

function field(xml, name) {
  return new RegExp(`<${name}>(.*?)</${name}>`, 's').exec(xml)?.[1];
}

function unescape(text) {
  const letters = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
  return text.replace(/&(?:(amp|lt|gt|quot|apos)|#(x?[0-9a-f]+));/gi, (_, name, code) =>
    name ? letters[name] : String.fromCodePoint(Number(code.startsWith('x') ? `0${code}` : code)));
}
