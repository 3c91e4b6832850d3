// What else can be done in a conversation: block its people, or let them through again.

import { isBlocked } from '../calls/calls-client.js';
import { createMenu } from './menu.js';

/**
 * @param {import('../calls/calls-client').CallsClient} client
 * @param {{ people(): { user_id: string, name: string }[], onError(error: unknown): void }} options
 */
export function createConversationMenu(client, { people, onError }) {
  return createMenu({
    icon: 'more',
    label: 'More about this conversation',
    async groups() {
      if (!(await client.loadSettings().catch(onError))) return [];
      return [{ title: 'People', items: people().map(item) }];
    },
  });

  function item({ user_id: userId, name }) {
    if (isBlocked(client.state, userId)) {
      return { label: `Unblock ${name}`, icon: 'block', choose: () => client.unblock(userId).catch(onError) };
    }
    return {
      label: `Block ${name}`,
      note: 'Their calls do not ring here',
      icon: 'block',
      choose: () => client.block(userId).catch(onError),
    };
  }
}
