/**
 * Light, dark, or what the system says.
 *
 * Knows: the toggle and where its state is kept.
 * Does not know: colours; base.css has them, as light-dark() pairs.
 */

const CHOICES = ['system', 'light', 'dark'];
const KEY = 'framepipe-theme';

export function wireTheme(button, onChange) {
  let choice = remembered();
  const apply = () => {
    if (choice === 'system') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = choice;
    button.textContent = `Theme: ${choice}`;
    onChange();
  };
  button.addEventListener('click', () => {
    choice = CHOICES[(CHOICES.indexOf(choice) + 1) % CHOICES.length];
    remember(choice);
    apply();
  });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', onChange);
  apply();
}

function remembered() {
  try {
    const kept = localStorage.getItem(KEY);
    return CHOICES.includes(kept) ? kept : 'system';
  } catch {
    return 'system'; // storage can be switched off
  }
}

function remember(choice) {
  try {
    localStorage.setItem(KEY, choice);
  } catch {
    // then the choice lasts as long as the page
  }
}
