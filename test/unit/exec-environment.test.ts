import { describe, expect, test } from 'vitest';
import { commandEnvironment, keyEnvironment } from '../../src/core/exec-environment.ts';
import { createKeyServices } from '../../src/core/keys/services.ts';

const HOME = { HOME: '/home/anna', PATH: '/usr/bin', AUTHBAR_HOME: '/home/anna/authbar' };

describe('the variables of a command', () => {
  test('Claude: those of Claude Code and Pi, and no key of another kind', () => {
    expect(commandEnvironment(HOME, 'anthropic', 'token')).toEqual({
      ...HOME,
      CLAUDE_CODE_OAUTH_TOKEN: 'token',
      ANTHROPIC_OAUTH_TOKEN: 'token',
    });
  });

  test('ChatGPT: one for whoever asks for it, and none that Codex would trip over', () => {
    expect(commandEnvironment(HOME, 'openai', 'token')).toEqual({
      ...HOME,
      OPENAI_ACCESS_TOKEN: 'token',
    });
  });

  test.each([
    'ANTHROPIC_API_KEY',
    'ANTHROPIC_AUTH_TOKEN',
    'ANTHROPIC_BASE_URL',
    'CLAUDE_CODE_USE_BEDROCK',
  ])('Claude: %s does not reach the command', (name) => {
    expect(commandEnvironment({ [name]: 'key' }, 'anthropic', 'token')).not.toHaveProperty(name);
  });

  test.each(['CODEX_ACCESS_TOKEN', 'CODEX_API_KEY', 'OPENAI_API_KEY', 'OPENAI_BASE_URL'])(
    'ChatGPT: %s does not reach the command',
    (name) => {
      expect(commandEnvironment({ [name]: 'key' }, 'openai', 'token')).not.toHaveProperty(name);
    },
  );

  test('a login of the person’s own in them gives way to the one that was named', () => {
    const env = { CLAUDE_CODE_OAUTH_TOKEN: 'older', ANTHROPIC_OAUTH_TOKEN: 'older' };
    expect(commandEnvironment(env, 'anthropic', 'token')).toEqual({
      CLAUDE_CODE_OAUTH_TOKEN: 'token',
      ANTHROPIC_OAUTH_TOKEN: 'token',
    });
  });

  test('on Windows a name is the same in whatever case', () => {
    const env = { Path: 'C:\\', Anthropic_Api_Key: 'key', claude_code_oauth_token: 'older' };
    expect(commandEnvironment(env, 'anthropic', 'token', 'win32')).toEqual({
      Path: 'C:\\',
      CLAUDE_CODE_OAUTH_TOKEN: 'token',
      ANTHROPIC_OAUTH_TOKEN: 'token',
    });
    expect(commandEnvironment(env, 'anthropic', 'token', 'linux')).toMatchObject(env);
  });

  test('who answers at AUTHBAR_SOCKET answers the command too', () => {
    const env = { AUTHBAR_SOCKET: '/tmp/socket' };
    expect(commandEnvironment(env, 'anthropic', 'token')).toMatchObject(env);
  });

  test('the other service’s keys stay, and what it was made of is not changed', () => {
    const env = { ...HOME, OPENAI_API_KEY: 'key', ANTHROPIC_API_KEY: 'key' };
    const before = { ...env };
    expect(commandEnvironment(env, 'anthropic', 'token')).toMatchObject({ OPENAI_API_KEY: 'key' });
    expect(env).toEqual(before);
  });
});

describe('the variables of a command that uses an API key', () => {
  const services = createKeyServices();

  test.each([
    ['openai', ['OPENAI_API_KEY']],
    ['anthropic', ['ANTHROPIC_API_KEY']],
    // Tools differ in which one they read.
    ['grok', ['X_AI_API_KEY', 'XAI_API_KEY', 'GROK_API_KEY']],
    ['gemini', ['GEMINI_API_KEY']],
  ] as const)('%s: %j', (id, names) => {
    const older = Object.fromEntries(names.map((name) => [name, 'older']));
    expect(keyEnvironment({ ...HOME, ...older }, services[id], 'key')).toEqual({
      ...HOME,
      ...Object.fromEntries(names.map((name) => [name, 'key'])),
    });
  });

  test.each([
    ['openai', 'OPENAI_BASE_URL'],
    ['openai', 'OPENAI_ACCESS_TOKEN'],
    ['anthropic', 'ANTHROPIC_BASE_URL'],
    ['anthropic', 'ANTHROPIC_AUTH_TOKEN'],
    ['anthropic', 'CLAUDE_CODE_OAUTH_TOKEN'],
    ['gemini', 'GOOGLE_API_KEY'],
  ] as const)(
    '%s: %s, which would outrank or mislead the key, does not reach the command',
    (id, name) => {
      expect(keyEnvironment({ [name]: 'mine' }, services[id], 'key')).not.toHaveProperty(name);
    },
  );
});
