import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createExcerpt } from "./excerpt.ts";

const plain = createExcerpt([]);
const show = (text: string, secrets: string[] = [], isWhole = true) =>
  createExcerpt(secrets)(Buffer.from(text), isWhole);

describe("an excerpt", () => {
  test.each([
    ["fine", "fine"],
    ["  two\r\n\tlines  ", "two lines"],
    ["\x1b[31mred\x1b[0m", "[31mred [0m"],
    ["\x1b]0;title\x07after", "]0;title after"],
    ["a\0b\x7fc\x9bd", "a b c d"],
    ["one\u2028two\u2029three\u00a0four", "one two three four"],
    ["abc\u202edcba\u2066x\u2069\u200fy\u061cz", "abc dcba x y z"],
    ["", ""],
    [" \n ", ""],
  ])("of %j is %j", (text, shown) => {
    expect(show(text)).toBe(shown);
  });

  test("of 300 characters is whole, and of one more is cut", () => {
    expect(show("x".repeat(300))).toBe("x".repeat(300));
    expect(show("x".repeat(301))).toBe(`${"x".repeat(300)}…`);
  });

  test("is cut without half a character", () => {
    expect(show(`${"x".repeat(299)}\u{1f600}`)).toBe(`${"x".repeat(299)}\ufffd…`);
  });

  test("of bytes that are no UTF-8 is readable all the same", () => {
    expect(plain(Buffer.of(0xff, 0x41, 0xc3), true)).toBe("\ufffdA\ufffd");
  });

  test("of any bytes is one line without controls, and short", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2048 }), fc.boolean(), (bytes, isWhole) => {
        const text = plain(Buffer.from(bytes), isWhole);
        expect(text.length).toBeLessThanOrEqual(301);
        expect(text).not.toMatch(/[\p{Cc}\p{Bidi_Control}]/u);
        expect(text.isWellFormed()).toBe(true);
      }),
    );
  });
});

describe("a secret in an answer", () => {
  test("is taken out wherever it stands", () => {
    expect(show("hunter22 and hunter22hunter22", ["hunter22"])).toBe("<redacted> and <redacted><redacted>");
  });

  test("is taken out whole where another is a part of it", () => {
    expect(show("Bearer hunter22; hunter22", ["hunter22", "Bearer hunter22"])).toBe("<redacted>; <redacted>");
  });

  test("is taken out before the excerpt is cut", () => {
    expect(show(`${"x".repeat(295)}hunter22hunter22`, ["hunter22hunter22"])).toBe(`${"x".repeat(295)}<reda…`);
  });

  test("is left where it is shorter than six characters, and as likely a word", () => {
    expect(show("no such hook", ["hook"])).toBe("no such hook");
  });

  test.each([
    ["JSON", 'hun"ter\\22', 'hun\\"ter\\\\22'],
    ["JSON as PHP writes it", "hunter/22", "hunter\\/22"],
    ["HTML", `h<u>n&"t'er`, "h&lt;u&gt;n&amp;&quot;t&#39;er"],
    ["a form", "hunter 22/+", "hunter%2022%2F%2B"],
  ])("is taken out as %s writes it", (_, secret, written) => {
    expect(show(`you sent ${written}!`, [secret])).toBe("you sent <redacted>!");
  });

  test("is taken out as a header's Latin-1 bytes", () => {
    const echoed = Buffer.from("you sent caf\u00e9-hunter22!", "latin1");
    expect(createExcerpt(["caf\u00e9-hunter22"])(echoed, true)).toBe("you sent <redacted>!");
  });

  test("that an answer breaks off in is taken out as far as it goes", () => {
    expect(show("you sent hunt", ["hunter22"], false)).toBe("you sent <redacted>");
    expect(show("you sent hunter2", ["xx2345", "hunter22"], false)).toBe("you sent <redacted>");
  });

  test("that two could be is taken out as far as the longer one goes", () => {
    expect(show("you sent abcdabcd", ["abcdabcdabcd", "abcdxxxxxxxxxxx"], false)).toBe("you sent <redacted>");
  });

  test("is not suspected in the end of an answer that is whole", () => {
    expect(show("you are in the hunt", ["hunter22"])).toBe("you are in the hunt");
  });

  test("is not suspected in three characters", () => {
    expect(show("we have fun", ["fundamental"], false)).toBe("we have fun");
  });

  test("never comes out, whatever stands around it and wherever it is cut", () => {
    const secret = "q7w8e9r0t1y2";
    fc.assert(
      fc.property(fc.string({ maxLength: 400 }), fc.string(), fc.nat(600), (before, after, cut) => {
        const body = Buffer.from(before + secret + after).subarray(0, cut);
        expect(createExcerpt([secret])(body, false)).not.toContain(secret.slice(0, 4));
      }),
    );
  });
});
