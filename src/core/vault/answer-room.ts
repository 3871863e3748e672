import type { Context } from '../context.ts';
import { reserve } from '../files/durable.ts';
import { type AccountRecord, sealRecord } from './record.ts';
import type { VaultKey } from './seal.ts';

/**
 * Room for the largest answer that is read (1 MiB, as base64) beside the grant that it replaces, made
 * sure of before a single-use token is sent.
 */
const ROOM_BYTES = 1536 * 1024;

/**
 * Room on the disk for an answer, with the key that it is sealed with: once it is there, nothing has to be
 * read or made any more to keep what comes.
 */
export interface AnswerRoom {
  /** Keeps an answer before anything looks into it. */
  store(record: AccountRecord): Promise<void>;
  /** Gives the room back, if no answer is in it: that is for the next look to find. Never rejects. */
  discard(): Promise<void>;
}

/** Takes the room for what will be at `path`. @throws AppError `disk-full`, `folder-protected`. */
export async function makeRoom(
  { fs, step }: Context,
  path: string,
  key: VaultKey,
): Promise<AnswerRoom> {
  const room = await reserve(fs, path, ROOM_BYTES);
  let kept = false;
  return {
    async store(record) {
      await room.write(sealRecord(key, record));
      kept = true;
      await step('answer:written');
      await room.commit();
      await step('answer:durable');
    },
    async discard() {
      if (!kept) await room.discard();
    },
  };
}
