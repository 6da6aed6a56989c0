/**
 * The only script of the pages. Where JavaScript is on, the secret leaves the address bar, and so the history and the
 * screen share; and a question that is asked on a condition appears with it. Everything works without.
 */
export const PAGE_SCRIPT = `const clean = document.currentScript.dataset.cleanAddress;
if (clean && location.pathname !== clean) history.replaceState(null, '', clean + location.search);
for (const form of document.forms) {
  const conditional = [...form.querySelectorAll('[data-asked-of]')];
  const show = () => {
    for (const field of conditional) {
      const given = [...form.elements].filter((other) => other.name === field.dataset.askedOf && !other.closest('[hidden]'));
      const is = JSON.parse(field.dataset.askedIs);
      // What was answered before and is not shown, and what is wrong, stays in sight.
      const isOpen = given.some((other) => other.dataset.keeps && !other.value) || field.querySelector('[aria-invalid]');
      field.hidden = !isOpen && !given.some((other) => (other.type !== 'checkbox' || other.checked) && is.includes(other.value));
    }
  };
  form.addEventListener('change', show);
  show();
}
`;
