/** Buttons that show and hide what they control. The style sheet does the hiding, and not on paper. */
export function startDisclosures(): void {
  document.addEventListener('click', ({ target }) => {
    const button = target instanceof Element ? target.closest('button.disclose') : null;
    if (button) button.setAttribute('aria-expanded', String(button.getAttribute('aria-expanded') !== 'true'));
  });
}
