/** What the id of a provider that the person added begins with, so that it is never one that is built in. */
export const CUSTOM_PREFIX = 'custom-';

/** Whether a provider's id is one of those. */
export function isCustomId(id: string): id is `custom-${string}` {
  return id.startsWith(CUSTOM_PREFIX);
}

/** The id as the person gave it. */
export function bareId(id: string): string {
  return isCustomId(id) ? id.slice(CUSTOM_PREFIX.length) : id;
}
