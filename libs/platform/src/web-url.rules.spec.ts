import { isWebUrl } from './web-url.rules';

describe('the address of something on the web', () => {
  test.each([
    'https://meet.example/room?x=1#y',
    'HTTP://meet.example',
    'http://localhost:3000/j',
    'https://192.0.2.1:8443/',
    'https://[2001:db8::1]:8443/x',
    'https://bücher.example/Straße?q=ä',
    'https://xn--bcher-kva.example/',
    'https://meet.example./',
    'https://meet.example/@someone',
    'https://meet.example/a:b@c?d=e@f#g@h',
    'https://meet.example/%40%5C%20',
    `https://meet.example/${'x'.repeat(1_900)}`,
  ])('is taken: %s', (url) => {
    expect(isWebUrl(url)).toBe(true);
  });

  test.each([
    ['a user before the host', 'https://meet.example@evil.example/'],
    ['a user and a password', 'https://user:pw@meet.example/'],
    ['an empty user', 'https://@meet.example/'],
    ['only a colon before the host', 'https://:@meet.example/'],
    ['a backslash and an at sign', 'https://meet.example\\@evil.example/'],
    ['a backslash in the path', 'https://meet.example/a\\b'],
    ['backslashes for slashes', 'https:\\\\meet.example/'],
    ['a coded at sign in the host', 'https://meet.example%40evil.example/'],
    ['a coded host', 'https://%65vil.example/'],
    ['a script', 'javascript:alert(1)'],
    ['a script that looks like an address', 'javascript://meet.example/%0aalert(1)'],
    ['data', 'data:text/html,x'],
    ['another protocol', 'ftp://meet.example/'],
    ['no protocol', 'meet.example/room'],
    ['no protocol but slashes', '//meet.example/room'],
    ['no slashes', 'https:meet.example'],
    ['one slash', 'https:/meet.example'],
    ['three slashes', 'https:///meet.example'],
    ['a space in front', ' https://meet.example/'],
    ['a space at the end', 'https://meet.example/ '],
    ['a space inside', 'https://meet.example/a b'],
    ['a tab inside', 'https://meet.exa\tmple/'],
    ['a line break inside', 'https://meet.example/\nSet-Cookie: x'],
    ['a tab in the protocol', 'java\tscript:alert(1)'],
    ['NUL', 'https://meet.example/\0'],
    ['a mark that turns the direction', 'https://meet.example/\u202egpj.exe'],
    ['an invisible mark', 'https://meet\u200b.example/'],
    ['a soft hyphen', 'https://meet\u00ad.example/'],
    ['half a character', 'https://meet.example/\ud800'],
    ['angle brackets', 'https://meet.example/<x>'],
    ['a quotation mark', 'https://meet.example/"x'],
    ['no host', 'https://'],
    ['no host but a port', 'https://:443/'],
    ['a dot for a host', 'https://./'],
    ['an empty part of the host', 'https://meet..example/'],
    ['a dot in front of the host', 'https://.meet.example/'],
    ['two dots at the end of the host', 'https://meet.example../'],
    ['a port that is none', 'https://meet.example:99999/'],
    ['a bracket that is not closed', 'https://[2001:db8::1/'],
    ['an IPv6 address with a zone', 'https://[fe80::1%25eth0]/'],
    ['a number that is no IPv4 address', 'https://999.1.1.1/'],
    ['more than two thousand characters', `https://meet.example/${'x'.repeat(2_000)}`],
    ['nothing', ''],
  ])('is refused with %s', (_, url) => {
    expect(isWebUrl(url)).toBe(false);
  });
});
