/** The style sheet of every page. Logical properties throughout, so that right to left needs no rules of its own. */
export const PAGE_STYLES = `
:root {
  color-scheme: light;
  --ink: #16212e; --quiet: #46535f; --line: #c9d1da; --control: #66727f; --paper: #ffffff; --ground: #f2f4f7;
  --brand: #12365c; --link: #0b559c; --focus: #b35300;
  --good: #12583a; --good-ground: #e8f4ee; --warn: #6b4400; --warn-ground: #fdf3dd;
  --bad: #9a1519; --bad-ground: #fcebeb; --info-ground: #e9f0f8;
}
*, *::before, *::after { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body {
  margin: 0; background: var(--ground); color: var(--ink);
  font: 1.0625rem/1.6 "Segoe UI", system-ui, -apple-system, Roboto, "Noto Sans", "Noto Sans Arabic", "Geeza Pro", Arial, sans-serif;
  overflow-wrap: break-word;
}
body:lang(ar), body:lang(zh) { line-height: 1.75; }
body:lang(zh) { font-family: "PingFang SC", "Microsoft YaHei", "Noto Sans SC", "Noto Sans CJK SC", system-ui, sans-serif; }
.measure { max-inline-size: 48rem; margin-inline: auto; padding-inline: 1.25rem; }
h1, h2, h3, p, ul, ol, dl, fieldset { margin: 0; }
h1 { font-size: clamp(1.5rem, 1.2rem + 1.6vw, 2.125rem); line-height: 1.25; color: var(--brand); text-wrap: balance; }
h2 { font-size: 1.3125rem; line-height: 1.35; color: var(--brand); }
h3 { font-size: 1.0625rem; line-height: 1.45; }
a { color: var(--link); text-underline-offset: .18em; }
a:hover { text-decoration-thickness: .14em; }
:focus-visible { outline: 3px solid var(--focus); outline-offset: 3px; border-radius: 2px; }
main:focus { outline: none; }
.skip { position: absolute; inset-inline-start: 1rem; inset-block-start: -10rem; background: var(--paper); padding: .75rem 1.25rem; z-index: 1; }
.skip:focus { inset-block-start: .5rem; }
.masthead { background: var(--brand); color: #fff; }
.masthead .measure { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: .25rem 1.5rem; padding-block: .5rem; min-block-size: 3.75rem; }
.wordmark { font: 600 1.25rem/1 Georgia, "Times New Roman", serif; letter-spacing: .04em; }
.languages ul { list-style: none; padding: 0; display: flex; flex-wrap: wrap; gap: .25rem; }
.languages a { display: inline-flex; align-items: center; min-block-size: 2.75rem; padding-inline: .75rem; color: #fff; border-radius: .25rem; }
.languages a[aria-current] { background: #ffffff26; text-decoration: none; font-weight: 600; }
.masthead :focus-visible { outline-color: #ffd08a; outline-offset: 0; }
main { padding-block: 2rem 4rem; display: grid; grid-template-columns: minmax(0, 1fr); gap: 1.5rem; }
.card { background: var(--paper); border: 1px solid var(--line); border-radius: .5rem; padding: clamp(1.125rem, 4vw, 2rem); display: grid; grid-template-columns: minmax(0, 1fr); gap: 1.125rem; }
.lead { font-size: 1.1875rem; color: var(--quiet); white-space: pre-line; }
.quiet { color: var(--quiet); }
.small { font-size: .9375rem; }
.eyebrow { color: var(--quiet); font-weight: 600; }
.stack { display: grid; grid-template-columns: minmax(0, 1fr); gap: .5rem; }
.row { display: flex; flex-wrap: wrap; gap: .75rem 1rem; align-items: center; }
.facts { display: grid; grid-template-columns: minmax(0, 1fr); gap: .25rem; }
.facts dt { font-weight: 600; color: var(--quiet); margin-block-start: .625rem; }
.facts dd { margin: 0; }
@media (min-width: 36rem) {
  .facts { grid-template-columns: fit-content(13rem) minmax(0, 1fr); gap: .625rem 1.5rem; }
  .facts dt { margin: 0; }
}
.plain { list-style: none; padding: 0; }
.notice { border: 1px solid var(--line); border-inline-start: .375rem solid var(--link); background: var(--info-ground); border-radius: .375rem; padding: 1rem 1.25rem; display: grid; grid-template-columns: minmax(0, 1fr); gap: .5rem; }
.notice.good { border-inline-start-color: var(--good); background: var(--good-ground); }
.notice.warn { border-inline-start-color: #b26b00; background: var(--warn-ground); }
.notice.bad { border-inline-start-color: var(--bad); background: var(--bad-ground); }
.notice h2 { font-size: 1.1875rem; color: var(--ink); }
.agenda { list-style: none; padding: 0; display: grid; grid-template-columns: minmax(0, 1fr); }
.agenda > li { display: grid; grid-template-columns: minmax(0, 1fr); gap: .25rem 1.25rem; padding-block: 1.125rem; border-block-start: 1px solid var(--line); }
.agenda > li:first-child { border-block-start: 0; padding-block-start: 0; }
.agenda > li:last-child { padding-block-end: 0; }
.unit { white-space: nowrap; }
.long-unit { display: inline-block; }
.agenda time, .agenda .time { font-variant-numeric: tabular-nums; color: var(--quiet); font-weight: 600; }
@media (min-width: 36rem) { .agenda > li { grid-template-columns: 8rem minmax(0, 1fr); } }
.agenda .items { padding-inline-start: 1.125rem; display: grid; gap: .375rem; margin-block-start: .375rem; }
.questions { padding-inline-start: 1.375rem; display: grid; gap: .25rem; color: var(--quiet); }
form { display: grid; grid-template-columns: minmax(0, 1fr); gap: 1.25rem; }
fieldset { border: 0; padding: 0; min-inline-size: 0; display: grid; grid-template-columns: minmax(0, 1fr); gap: 1.25rem; }
legend { font-size: 1.3125rem; font-weight: 700; color: var(--brand); padding: 0; margin-block-end: 1rem; }
.field { display: grid; grid-template-columns: minmax(0, 1fr); gap: .3125rem; }
.field label { font-weight: 600; }
.field .hint { color: var(--quiet); font-size: .9375rem; }
.pair { display: grid; grid-template-columns: minmax(0, 1fr); gap: 1.25rem; }
@media (min-width: 36rem) { .pair { grid-template-columns: repeat(2, minmax(0, 1fr)); align-items: end; } .pair.narrow-first { grid-template-columns: 9rem minmax(0, 1fr); } }
input:not([type=checkbox]):not([type=radio]), select, textarea {
  inline-size: 100%; min-block-size: 2.875rem; padding: .5rem .75rem; font: inherit; color: inherit;
  background: var(--paper); border: 1px solid var(--control); border-radius: .3125rem;
}
textarea { min-block-size: 6rem; resize: vertical; }
input:focus-visible, select:focus-visible, textarea:focus-visible { outline-offset: 0; }
[aria-invalid=true] { border: 2px solid var(--bad) !important; }
.error { color: var(--bad); font-weight: 600; }
.required { color: var(--bad); text-decoration: none; }
.field > legend { font-size: inherit; font-weight: 600; color: inherit; margin-block-end: .3125rem; }
input[type=file] { padding: .375rem; }
.asked { border-inline-start: 3px solid var(--line); padding-inline-start: 1rem; }
[hidden] { display: none !important; }
.check { display: grid; grid-template-columns: auto minmax(0, 1fr); gap: .875rem; align-items: start; min-block-size: 2.75rem; }
.check input { inline-size: 1.5rem; block-size: 1.5rem; margin: .125rem 0 0; accent-color: var(--link); }
.check label { font-weight: 400; }
button, .button {
  display: inline-flex; align-items: center; justify-content: center; min-block-size: 2.875rem; padding: .5rem 1.375rem;
  font: inherit; font-weight: 600; text-align: center; text-decoration: none; cursor: pointer;
  color: #fff; background: var(--link); border: 2px solid var(--link); border-radius: .3125rem;
}
button:hover, .button:hover { background: var(--brand); border-color: var(--brand); }
.button.second, button.second { background: var(--paper); color: var(--link); }
.button.second:hover, button.second:hover { background: var(--info-ground); color: var(--brand); }
button.danger { background: var(--bad); border-color: var(--bad); }
button.danger:hover { background: #6f0d10; border-color: #6f0d10; }
details.card { display: block; padding-block: .75rem; }
summary { cursor: pointer; font-weight: 600; color: var(--link); min-block-size: 2.75rem; display: list-item; align-content: center; }
details[open] { padding-block-end: 1.5rem; }
details[open] > summary { margin-block-end: .5rem; }
table { border-collapse: collapse; inline-size: 100%; font-size: .9375rem; }
th, td { text-align: start; vertical-align: top; padding: .625rem .75rem; border-block-end: 1px solid var(--line); }
th { color: var(--quiet); }
.scroll { overflow-x: auto; }
code { overflow-wrap: anywhere; background: var(--ground); padding: .125rem .375rem; border-radius: .25rem; }
/* The note for file, a document to read, print and file. */
.note { gap: 2rem; }
.note > section { display: grid; grid-template-columns: minmax(0, 1fr); gap: .75rem; border-block-start: 1px solid var(--line); padding-block-start: 1.75rem; }
.note .time { font-variant-numeric: tabular-nums; font-weight: 600; }
.note .items, .note .participants { padding-inline-start: 1.5rem; display: grid; grid-template-columns: minmax(0, 1fr); gap: .375rem; }
.note .participants { padding-inline-start: 2.25rem; }
.note h3, .note h4 { margin-block: .5rem 0; }
.note h4 { font-size: 1rem; color: var(--quiet); line-height: 1.45; }
.note .words { white-space: pre-line; max-inline-size: 42rem; }
.interventions { display: grid; grid-template-columns: minmax(0, 1fr); gap: 1.25rem; }
.interventions > li { display: grid; grid-template-columns: minmax(0, 1fr); gap: .375rem; border-inline-start: 3px solid var(--line); padding-inline-start: 1rem; }
.interventions .reply { border-inline-start: 3px solid var(--brand); padding-inline-start: 1rem; }
.capacity { font-style: italic; }
:is(:lang(ar), :lang(zh)) .capacity { font-style: normal; }
@media print {
  .note h2, .note h3, .note h4, .speaker { break-after: avoid; }
  .note li, .words { orphans: 3; widows: 3; }
  .participants li { break-inside: avoid; }
  .annex { break-before: page; }
}
@media print { .masthead, .skip, form, .no-print { display: none; } body { background: #fff; } .card { border: 0; padding: 0; } }
@media (forced-colors: active) { .notice, .card, button { border: 1px solid; } }
`;
