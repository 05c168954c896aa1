// The first admin, in the browser.

import { ADMIN } from '../../end2end/sluice.mjs';

/** Signs the browser in, by the link that the first start prints. */
export async function becomeAdmin(browser, sluice) {
  await browser.open(sluice.welcomeUrl.href);
  const request = { token: sluice.welcomeUrl.searchParams.get('token'), sign_in: ADMIN };
  const status = await browser.value(`fetch('/api/rpc/accept_welcome', {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: ${JSON.stringify(JSON.stringify({ request }))},
  }).then((answer) => answer.status)`);
  if (status !== 200) throw new Error(`signing in was answered with ${status}`);
}
