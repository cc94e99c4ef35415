// An on-off switch (WAI-ARIA switch pattern).
import './switch.css';

interface SwitchProps {
  readonly label: string;
  readonly help: string;
  readonly on: boolean;
  readonly onChange: (on: boolean) => void;
  readonly testId?: string;
}

export function Switch({ label, help, on, onChange, testId }: SwitchProps) {
  return (
    <button
      type="button"
      class="switch"
      role="switch"
      aria-checked={on}
      aria-label={label}
      data-testid={testId}
      onClick={() => onChange(!on)}
    >
      <span class="switch-words">
        <span class="switch-label">{label}</span>
        <span class="soft">{help}</span>
      </span>
      <span class="switch-track" />
    </button>
  );
}
