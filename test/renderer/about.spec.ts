import { TEXTS } from '../../src/shared/ui/texts.ts';
import { expect, expectAccessible, expectRoomy, picture, tabOrder, test } from './harness.ts';
import { ONE } from './states.ts';

test('About tells what Authbar is, and what it isn’t', async ({ page, open }) => {
  const bridge = await open(ONE, { view: 'about' });
  const heading = page.getByRole('heading', { level: 1, name: 'About Authbar' });
  await expect(heading).toBeFocused();
  await expect(heading).toHaveAccessibleDescription(
    `Authbar Version 1.0.0 ${TEXTS.about.privacy} Authbar isn’t made or approved by Anthropic or OpenAI.`,
  );
  await expect(page.getByText(TEXTS.about.privacy)).toBeVisible();
  expect(await tabOrder(page)).toEqual(['About Authbar', 'Back']);
  await expect.poll(() => bridge.said()).toEqual(['About Authbar']);
  await picture(page, bridge, 'about');
  await expectAccessible(page);
  await expectRoomy(page);
});
