// Buttons: with words, or with an icon and a name for screen readers.
import type { ButtonHTMLAttributes, ComponentChildren } from 'preact';

type Look = 'primary' | 'danger' | 'quiet' | 'quiet-danger' | 'plain';

interface ButtonProps extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'class' | 'icon'> {
  readonly look?: Look;
  readonly compact?: boolean;
  readonly children: ComponentChildren;
  readonly 'data-testid'?: string;
}

const classes: Readonly<Record<Look, string>> = {
  primary: 'button primary',
  danger: 'button danger',
  quiet: 'button quiet',
  'quiet-danger': 'button quiet quiet-danger',
  plain: 'button',
};

export function Button({ look = 'plain', compact = false, type = 'button', children, ...rest }: ButtonProps) {
  return (
    <button {...rest} type={type} class={compact ? `${classes[look]} compact` : classes[look]}>
      {children}
    </button>
  );
}

interface IconButtonProps extends Omit<ButtonProps, 'look' | 'compact'> {
  readonly label: string;
  readonly class?: string;
}

export function IconButton({ label, type = 'button', children, class: more = '', ...rest }: IconButtonProps) {
  return (
    <button {...rest} type={type} class={`icon-button ${more}`} aria-label={label} title={label}>
      {children}
    </button>
  );
}
