// The demo's sign-in. A chat app has its own and gives the calls client its users' tokens.

/** The users that the service makes in Development. */
export const DEMO_USERS = [
  { user_id: 'alice', name: 'Alice' },
  { user_id: 'bob', name: 'Bob' },
  { user_id: 'carol', name: 'Carol' },
  { user_id: 'dave', name: 'Dave' },
];

/** Kept per tab, so that two tabs can be two users and a reload stays signed in. */
const KEY = 'calls.demo-user';

/** @returns {{ user_id: string, name: string } | null} */
export function signedIn() {
  return JSON.parse(sessionStorage.getItem(KEY));
}

/** Remembers the user of this tab; a token is fetched when one is needed. */
export function signIn(user) {
  sessionStorage.setItem(KEY, JSON.stringify(user));
}

/** Forgets the user, and with them the device and the call that this tab was. */
export function signOut() {
  sessionStorage.clear();
}

let token = null;

/**
 * A token of the tab's user; a new one each time `renew` is asked for.
 * @returns {Promise<string | null>}
 */
export async function getToken({ renew }) {
  const user = signedIn();
  if (!user) return null;
  if (token && !renew) return token;
  const answer = await fetch('/dev/token', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(user),
  });
  if (answer.status === 404) return null;
  if (!answer.ok) throw new Error(`POST /dev/token: ${answer.status}`);
  token = (await answer.json()).token;
  return token;
}

/** The conversations of the tab's user. */
export async function fetchChannels() {
  return (await get('/dev/channels')).channels;
}

async function get(path) {
  const headers = { authorization: `Bearer ${await getToken({ renew: false })}` };
  const answer = await fetch(path, { headers });
  if (!answer.ok) throw new Error(`GET ${path}: ${answer.status}`);
  return answer.json();
}
