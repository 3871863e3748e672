import { AppError } from '../../shared/errors.ts';
import type { Tools } from '../command.ts';
import { OWED } from '../exit-codes.ts';
import { tell } from '../failure.ts';
import { print, printJson } from '../output.ts';
import { linesOfWithdrawal } from '../target-words.ts';
import { nameOf, ownerAmong, serviceOf } from '../words.ts';

/** Signs one account out and lists what that did. */
export async function logout(
  { engine, context }: Tools,
  name: string,
  json: boolean,
): Promise<number> {
  const { account, revoked, foreign, unended, withdrawals } = await engine.logout(name);
  const complete = !unended && withdrawals.every(({ result }) => result !== 'failed');
  const service = serviceOf(context, account);
  if (json) {
    printJson({
      account: account.id,
      provider: account.provider,
      email: account.email,
      revoked,
      targets: withdrawals.map(({ target, path, result, code }) => ({
        target,
        path,
        result,
        code,
      })),
    });
  } else {
    const { accounts } = await engine.status();
    print(`Signed out of ${service} (${ownerAmong(account, [...accounts, account])}).`);
    for (const withdrawal of withdrawals)
      for (const line of linesOfWithdrawal(withdrawal)) print(line);
    const next = accounts.find((each) => each.provider === account.provider && each.inUse);
    if (account.inUse && next) print(`  The tools get ${nameOf(context, next, accounts)} now.`);
    if (revoked) print(`  ${service} ended the login too.`);
    if (foreign) print('  It came from another computer, and is still signed in there.');
    if (unended) tellUnfinished(service);
  }
  return complete ? 0 : OWED;
}

function tellUnfinished(service: string): void {
  const { code, action } = tell(new AppError('sign-out-unfinished', { service }));
  print(`  It couldn’t be ended at ${service} too.`);
  print(`    → ${action}   [${code}]`);
}
