// Tells the node that somebody is at this tab, so that it does not lock under their hands. Part of the page while the vault is open.
import { useEffect } from 'preact/hooks';
import { USED_EVERY } from '../../../app/lock.ts';
import { useApp } from '../../context.ts';

const signs = ['pointerdown', 'pointermove', 'keydown', 'wheel', 'visibilitychange'] as const;

export function LockWatch() {
  const { node, platform } = useApp();
  useEffect(() => {
    let told = Number.NEGATIVE_INFINITY;
    const used = () => {
      const now = platform.now();
      if (now - told < USED_EVERY) return;
      told = now;
      void node.lock({ do: 'used' }).catch(() => undefined);
    };
    for (const sign of signs) document.addEventListener(sign, used, { passive: true });
    return () => {
      for (const sign of signs) document.removeEventListener(sign, used);
    };
  }, [node, platform]);
  return null;
}
