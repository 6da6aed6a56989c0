import { encodeQR } from 'qr';
import type { VNode } from 'preact';
import { isolate, t, type Language } from '@app/mail';
import { spokenCode } from '@app/participants';

/** The code for the door on the page of whoever comes to a room: scanned from the screen, or said. */
export function DoorCode({
  language,
  registrationId,
  url,
}: {
  language: Language;
  registrationId: string;
  /** What the code holds. */
  url: string;
}): VNode {
  return (
    <section class="card" aria-labelledby="code">
      <h2 id="code">{t(language, 'door.code')}</h2>
      <p>{t(language, 'door.code.more')}</p>
      <Code url={url} alt={t(language, 'door.code.alt')} />
      <p>{t(language, 'door.code.short', { code: isolate(spokenCode(registrationId)) })}</p>
    </section>
  );
}

/** A QR code as one path, black on white in every colour scheme. Runs of modules keep it short. */
function Code({ url, alt }: { url: string; alt: string }): VNode {
  const modules = encodeQR(url, 'raw', { ecc: 'medium', border: 4 });
  const size = modules.length;
  const path = modules
    .flatMap((row, y) =>
      [
        ...row
          .map((isDark) => (isDark ? '#' : ' '))
          .join('')
          .matchAll(/#+/g),
      ].map(({ index, 0: run }) => `M${index} ${y}h${run.length}v1h-${run.length}z`),
    )
    .join('');
  return (
    <svg
      role="img"
      aria-label={alt}
      viewBox={`0 0 ${size} ${size}`}
      width="240"
      height="240"
      shape-rendering="crispEdges"
    >
      <rect width={size} height={size} fill="#ffffff" />
      <path d={path} fill="#000000" />
    </svg>
  );
}
