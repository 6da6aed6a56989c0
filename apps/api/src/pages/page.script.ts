/**
 * The only script of the pages: where JavaScript is on, the secret leaves the address bar, and so the history and the
 * screen share. Everything else works without it.
 */
export const PAGE_SCRIPT = `const clean = document.currentScript.dataset.cleanAddress;
if (clean && location.pathname !== clean) history.replaceState(null, '', clean + location.search);
`;
