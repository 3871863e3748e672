import type { Act } from '../actions.ts';
import { Button } from './button.tsx';
import { Shape, type ShapeName } from './shape.tsx';
import { Words } from './words.tsx';

/** What a banner is drawn with. */
export interface BannerProps {
  readonly tone: 'warn' | 'bad' | 'accent';
  readonly shape: ShapeName;
  readonly title: string;
  readonly sentence?: string;
  readonly button?: Act | undefined;
  /** A second, quiet way out. */
  readonly dismiss?: Act | undefined;
}

/** Something that concerns more than one card, above them. At most one at a time. */
export function Banner({ tone, shape, title, sentence, button, dismiss }: BannerProps) {
  return (
    <section class={`banner ${tone}`}>
      <Shape name={shape} tone={tone} />
      <div class="banner-words">
        <p class="banner-title">{title}</p>
        {sentence && (
          <p class="small">
            <Words>{sentence}</Words>
          </p>
        )}
        {(button || dismiss) && (
          <div class="buttons">
            {button && <Button onPress={button.onPress}>{button.words}</Button>}
            {dismiss && (
              <Button kind="text" onPress={dismiss.onPress}>
                {dismiss.words}
              </Button>
            )}
          </div>
        )}
      </div>
    </section>
  );
}
