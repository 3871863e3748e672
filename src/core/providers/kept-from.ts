import type { ProviderId } from '../grant.ts';
import type { AccountRecord } from '../vault/record.ts';
import type { Vault } from '../vault/vault.ts';

/**
 * Which token endpoints' origins the logins that are kept under a provider's id are from; `null` among them:
 * of one it cannot be told. Those that nothing shows yet count as well.
 */
export async function originsKept(
  vault: Vault,
  provider: ProviderId,
): Promise<ReadonlySet<string | null>> {
  const all = await Promise.all((await vault.ids()).map((id) => originsOf(vault, id, provider)));
  return new Set(all.flat());
}

async function originsOf(
  vault: Vault,
  id: string,
  provider: ProviderId,
): Promise<readonly (string | null)[]> {
  const facts = await vault.readFacts(id);
  if (facts && facts.provider !== provider) return [];
  if (!facts && !(await vault.hasRecord(id))) return [];
  // Damaged, or the keychain is locked: whose it was, nobody can tell.
  const record = await vault.readRecord(id).catch(() => null);
  if (record === null) return [null];
  return record.provider === provider ? originsIn(record) : [];
}

function originsIn({ grant, spare, answer }: AccountRecord): readonly (string | null)[] {
  const held = [grant, spare, answer].filter((each) => each !== null && each !== undefined);
  return held.length === 0 ? [null] : held.map(({ origin }) => origin ?? null);
}
