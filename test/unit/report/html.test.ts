import { html, lines, trusted } from '../../../src/report/html.ts';

test('values are text, in an element and in an attribute', () => {
  const hostile = `<b>&"'\``;
  expect(html`<i title="${hostile}">${hostile}</i>`.toString()).toBe(
    '<i title="&lt;b&gt;&amp;&#34;&#39;&#96;">&lt;b&gt;&amp;&#34;&#39;&#96;</i>',
  );
});

test('pieces of the page stay as they are; undefined and false leave nothing', () => {
  const piece = html`<b>${1}</b>`;
  expect(html`<p>${[piece, 'a<', piece]}${undefined}${false}</p>`.toString()).toBe(
    '<p><b>1</b>a&lt;<b>1</b></p>',
  );
});

test('what turns a text around, hides in it or ends its line becomes visible', () => {
  expect(html`${'a\u202eb\u2028c\u0000\n\ud800'}`.toString()).toBe('a\\u{202e}b\\u{2028}c\\u{0}\\n\\u{d800}');
  expect(lines(['<a>', 'b\u202e']).toString()).toBe('&lt;a&gt;\nb\\u{202e}');
});

test.each(['a</style>b', 'a<!--b'])('a style that would end its element is refused: %s', (text) => {
  expect(() => trusted('style', text)).toThrow('a style would end its element');
});
