// A provider of single sign-on, run here: `oidc-provider`, a certified one, with its own pages to sign in on.

import { createServer } from 'node:http';

import Provider from 'oidc-provider';

const CLIENT = { client_id: 'sluice', client_secret: 'a secret for this run alone' };

/** Who can sign in there, with any password, and their groups. */
const GROUPS = { ada: ['staff', 'photo-admins'], ben: ['photographers'], eve: ['staff'] };

/** What people there are. Their groups and addresses are in UserInfo, which is where `oidc-provider` puts them. */
function account(_, id) {
  const claims = { sub: id, preferred_username: id, email: `${id}@example.org`, email_verified: true };
  return { accountId: id, claims: () => ({ ...claims, groups: GROUPS[id] }) };
}

/** A provider on another site than the server: `localhost` instead of 127.0.0.1. */
export class SignOn {
  #server;
  #answer;

  static async start() {
    const signOn = new SignOn();
    signOn.#server = createServer((request, response) => signOn.#answer(request, response));
    await new Promise((resolve) => signOn.#server.listen(0, '127.0.0.1', resolve));
    signOn.issuer = `http://localhost:${signOn.#server.address().port}`;
    return signOn;
  }

  /** What the server must be told of it. */
  get environment() {
    return {
      SLUICE_OIDC_ISSUER: this.issuer,
      SLUICE_OIDC_CLIENT_ID: CLIENT.client_id,
      SLUICE_OIDC_CLIENT_SECRET: CLIENT.client_secret,
      SLUICE_OIDC_LABEL: 'Studio',
      SLUICE_OIDC_SCOPES: 'openid email profile groups',
      SLUICE_OIDC_ROLE_CLAIM: 'groups',
      SLUICE_OIDC_ADMINS: 'photo-admins',
      SLUICE_OIDC_UPLOADERS: 'photographers',
      SLUICE_OIDC_NEWCOMERS: 'uploader',
    };
  }

  /** Lets that server in: from here on it answers. */
  serve(sluice) {
    const provider = new Provider(this.issuer, {
      clients: [{ ...CLIENT, redirect_uris: [`${sluice.url}/sso/callback`] }],
      claims: { email: ['email', 'email_verified'], profile: ['preferred_username'], groups: ['groups'] },
      scopes: ['openid', 'email', 'profile', 'groups'],
      cookies: { keys: ['for this run alone'] },
      findAccount: account,
      pkce: { required: () => true },
    });
    this.#answer = provider.callback();
  }

  async stop() {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** Signs in on the provider's page, and agrees. */
export async function signOnAs(page, name) {
  await page.locator('[name=login]').fill(name);
  await page.locator('[name=password]').fill('anything');
  await page.getByRole('button', { name: 'Sign-in' }).click();
  await page.getByRole('button', { name: 'Continue' }).click();
}
