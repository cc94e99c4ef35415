// A page in the main pane: a header with a way back and a title that takes the focus, and what scrolls below.
import type { ComponentChildren } from 'preact';
import { useApp } from '../context.ts';
import { BackIcon } from '../icons/icons.tsx';
import { IconButton } from './button.tsx';
import './page.css';

interface PageProps {
  readonly title: string;
  readonly children: ComponentChildren;
}

export function Page({ title, children }: PageProps) {
  const { t, navigation } = useApp();
  return (
    <div class="page">
      <header class="page-header">
        <IconButton label={t.back} onClick={() => navigation.close()}>
          <BackIcon />
        </IconButton>
        <h1 data-screen-title tabIndex={-1}>
          {title}
        </h1>
      </header>
      <div class="page-body">
        <div class="page-column">{children}</div>
      </div>
    </div>
  );
}

interface SectionProps {
  readonly title: string;
  readonly children: ComponentChildren;
}

export function Section({ title, children }: SectionProps) {
  return (
    <section class="section">
      <h2>{title}</h2>
      <div class="section-body">{children}</div>
    </section>
  );
}
