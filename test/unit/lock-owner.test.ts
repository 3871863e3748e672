import { describe, expect, it } from 'vitest';
import { flockOwner, ownerIn } from '../../src/core/targets/lock-owner.ts';

const LOCKS = `1: POSIX  ADVISORY  WRITE 11 fe:00:77 0 EOF
2: FLOCK  ADVISORY  WRITE 22 fe:01:77 0 EOF
3: FLOCK  ADVISORY  WRITE 33 fe:00:770 0 EOF
4: FLOCK  ADVISORY  WRITE 44 fe:00:77 0 EOF
4: -> FLOCK  ADVISORY  WRITE 55 fe:00:77 0 EOF
5: FLOCK  ADVISORY  WRITE 0 fe:00:88 0 EOF
5: -> FLOCK  ADVISORY  WRITE 66 fe:00:88 0 EOF
6: OFDLCK ADVISORY  READ  -1 00:06:99 0 0
7: FLOCK  ADVISORY  READ 77 103:12345:99 0 EOF
`;
const DISK = 0xfe00n;

describe('the owner of a lock', () => {
  it('is who has it, of this file on this disk, not who waits for it or locks in another way', () => {
    expect(ownerIn(LOCKS, DISK, 77n)).toBe(44);
  });

  it('is unknown where another pid namespace has it', () => {
    expect(ownerIn(LOCKS, DISK, 88n)).toBeNull();
  });

  it('is found by a device number of any size', () => {
    expect(ownerIn(LOCKS, 0x1_2341_0345n, 99n)).toBeNull();
    expect(ownerIn(LOCKS, 0x1231_0345n, 99n)).toBe(77);
  });

  it.each(['', '\n', 'garbage', '8: FLOCK ADVISORY WRITE x fe:00:77 0 EOF', '9: FLOCK'])(
    'is nobody in %j',
    (text) => {
      expect(ownerIn(text, DISK, 77n)).toBeNull();
      expect(ownerIn(text, 0n, 0n)).toBeNull();
    },
  );

  it.each(['darwin', 'win32', 'linux'] as const)(
    'is unknown for no file, on %s',
    async (platform) => {
      expect(await flockOwner('/nowhere/at/all', platform)).toBeNull();
    },
  );
});
