// SPDX-License-Identifier: GPL-2.0-only
#include "sample.h"

static void check_clean(const char *bytes, size_t len, const char *expected)
{
	char *text = text_clean(bytes, len), *again;

	assert_string_equal(text, expected);
	again = text_clean(text, strlen(text));
	assert_string_equal(again, text);
	free(text);
	free(again);
}

#define CLEAN(bytes, expected) check_clean(bytes, sizeof(bytes) - 1, expected)

static void test_clean(void **state)
{
	(void)state;
	CLEAN("", "");
	CLEAN("plain", "plain");
	CLEAN("naïve – 東京 🙂", "naïve – 東京 🙂");
	CLEAN("a\nb\tc\x7f", "a\\x0ab\\x09c\\x7f");
	CLEAN("a\0b", "a\\x00b");
	CLEAN("back\\slash\\", "back\\slash\\");
	/* C1, bidi controls, noncharacters: every byte of them */
	CLEAN("\xc2\x85", "\\xc2\\x85");
	CLEAN("x\xe2\x80\xaey", "x\\xe2\\x80\\xaey");
	CLEAN("\xe2\x81\xa6\xd8\x9c\xe2\x80\x8f", "\\xe2\\x81\\xa6\\xd8\\x9c\\xe2\\x80\\x8f");
	CLEAN("\xef\xbf\xbe\xef\xb7\x90", "\\xef\\xbf\\xbe\\xef\\xb7\\x90");
	CLEAN("\xf4\x8f\xbf\xbf", "\\xf4\\x8f\\xbf\\xbf");
	/* ends of lines, no width, a byte-order mark, a tag; the joiners stay */
	CLEAN("a\xe2\x80\xa8z\xe2\x80\xa9", "a\\xe2\\x80\\xa8z\\xe2\\x80\\xa9");
	CLEAN("ss\xe2\x80\x8bhd\xc2\xad", "ss\\xe2\\x80\\x8bhd\\xc2\\xad");
	CLEAN("\xef\xbb\xbf\xf3\xa0\x81\x81", "\\xef\\xbb\\xbf\\xf3\\xa0\\x81\\x81");
	CLEAN("\xe2\x80\x8c\xe2\x80\x8d", "\xe2\x80\x8c\xe2\x80\x8d");
	/* not UTF-8: lone, overlong, surrogate, too large, cut short */
	CLEAN("\x80\xff", "\\x80\\xff");
	CLEAN("\xc0\xaf\xe0\x80\xaf", "\\xc0\\xaf\\xe0\\x80\\xaf");
	CLEAN("\xed\xa0\x80", "\\xed\\xa0\\x80");
	CLEAN("\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80");
	CLEAN("é\xe2\x82", "é\\xe2\\x82");
	CLEAN("\xe2(\xa1", "\\xe2(\\xa1");
}

static void test_clean_unix(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
		const char *text;
	} names[] = {
		{ "/run/x.sock", 11, "/run/x.sock" },
		{ "/run/x.sock\0junk", 16, "/run/x.sock" },
		{ "\0abstract", 9, "@abstract" },
		{ "\0a\0b", 4, "@a\\x00b" },
		{ "\0", 1, "@" },
		{ "", 0, "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char *text = text_clean_unix(names[i].bytes, names[i].len);

		assert_string_equal(text, names[i].text);
		free(text);
	}
}

static void test_bytes(void **state)
{
	static const struct {
		uint64_t bytes;
		const char *text;
	} rows[] = {
		{ 0, "0 B" },
		{ 999, "999 B" },
		{ 1000, "1.0 KiB" },
		{ 1024, "1.0 KiB" },
		{ 12595, "12.3 KiB" },
		{ 102348, "99.9 KiB" },
		{ 102399, "100 KiB" },
		{ 999 * 1024, "999 KiB" },
		{ 1023 * 1024, "1.0 MiB" },
		{ UINT64_C(5) << 30, "5.0 GiB" },
		{ UINT64_MAX, "16.0 EiB" },
	};
	char buf[32];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_string_equal(text_bytes(buf, sizeof(buf), rows[i].bytes), rows[i].text);
}

static void test_count(void **state)
{
	static const struct {
		uint64_t count;
		const char *text;
	} rows[] = {
		{ 1, "1" },	       { 999, "999" },		{ 1000, "1.0k" },
		{ 22345, "22.3k" },    { 123456, "123k" },	{ 999499, "999k" },
		{ 999500, "1.0M" },    { 1200000, "1.2M" },	{ 3400000000, "3.4G" },
		{ UINT64_MAX, "18.4E" },
	};
	char buf[32];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_string_equal(text_count(buf, sizeof(buf), rows[i].count), rows[i].text);
}

static void test_cut(void **state)
{
	static const struct {
		const char *text;
		size_t max;
		const char *cut;
	} rows[] = {
		{ "", 0, "" },	      { "", 3, "" },	     { "abc", 3, "abc" },
		{ "abcd", 3, "ab…" }, { "äöüß", 4, "äöüß" }, { "äöüßx", 4, "äöü…" },
		{ "abc", 1, "…" },    { "abc", 0, "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *cut = text_cut(rows[i].text, rows[i].max);

		assert_string_equal(cut, rows[i].cut);
		free(cut);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_clean), cmocka_unit_test(test_clean_unix),
		cmocka_unit_test(test_bytes), cmocka_unit_test(test_count),
		cmocka_unit_test(test_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
