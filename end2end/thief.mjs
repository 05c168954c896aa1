// Somebody who took the credentials out of the browser: what they can do with them, and what not.

import assert from 'node:assert/strict';

const BODY = 'stolen';

/**
 * Tries all that must be refused. `bucket` is the owner's view, `opened` the server's answer that carried the
 * credentials, `taken` a key below the batch's prefix that exists.
 */
export async function assertPowerless(bucket, { grant, prefix }, taken) {
  const keys = { accessKeyId: grant.access_key_id, secretAccessKey: grant.secret_access_key };
  const thief = bucket.as({ ...keys, sessionToken: grant.session_token });
  const project = prefix.slice(0, prefix.slice(0, -1).lastIndexOf('/'));

  const inside = await thief.request('PUT', `${prefix}inside.jpg`, { body: BODY });
  assert.equal(inside.status, 200, 'they do write where they may, or the rest would prove nothing');
  assert.equal((await bucket.request('DELETE', `${prefix}inside.jpg`)).status, 204);

  const attempts = [
    ['PUT', 'outside.jpg', { body: BODY }],
    ['PUT', `${project}/outside.jpg`, { body: BODY }],
    ['PUT', `${prefix.slice(0, -1)}x/look-alike.jpg`, { body: BODY }],
    ['PUT', prefix.slice(0, -1), { body: BODY }],
    ['PUT', `${project}/0190aaaa-0000-7000-8000-000000000000/other-batch.jpg`, { body: BODY }],
    ['POST', 'outside.jpg', { query: { uploads: '' } }],
    ['GET', taken],
    ['HEAD', taken],
    ['DELETE', taken],
    ['GET', '', { query: { 'list-type': 2 } }],
    ['GET', '', { query: { 'list-type': 2, prefix } }],
    ['GET', '', { query: { uploads: '' } }],
    ['POST', '', { query: { delete: '' }, body: `<Delete><Object><Key>${taken}</Key></Object></Delete>` }],
    ['PUT', `${prefix}copy.jpg`, { headers: { 'x-amz-copy-source': `/${bucket.name}/${encodeURI(taken)}` } }],
    ['PUT', '', { query: { cors: '' }, body: '<CORSConfiguration/>' }],
    ['PUT', '', { query: { policy: '' }, body: '{}' }],
    ['PUT', taken, { query: { acl: '' }, headers: { 'x-amz-acl': 'public-read' } }],
    ['DELETE', ''],
  ];
  const before = await bucket.files();
  for (const [method, key, options] of attempts) {
    const { status } = await thief.request(method, key, options);
    assert.ok(status >= 400 && status <= 501, `${method} /${key} ${JSON.stringify(options)}: ${status}`);
  }
  assert.deepEqual(await bucket.files(), before, 'the bucket is as it was');

  const without = await bucket.as(keys).request('PUT', `${prefix}a.jpg`, { body: BODY });
  assert.equal(without.status, 403, 'not without the token');
  const forged = bucket.as({ ...keys, sessionToken: `${grant.session_token.slice(0, -24)}${'A'.repeat(24)}` });
  const { status } = await forged.request('PUT', `${prefix}a.jpg`, { body: BODY });
  assert.ok(status === 400 || status === 403, `not with another token: ${status}`);
  assert.deepEqual(await bucket.files(), before, 'the bucket is still as it was');
}
