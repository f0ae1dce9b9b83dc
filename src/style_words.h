/* SPDX-License-Identifier: GPL-2.0-only */
/* The words of a style file: subjects, keys, attributes, and what values they take. */
#ifndef IPCMAP_STYLE_WORDS_H
#define IPCMAP_STYLE_WORDS_H

#include "style.h"

/* Each returns whether the word is right; else problem says what was expected. */
bool style_subject_check(const char *word, enum style_subject *ret_subject, char *problem,
			 size_t size);
bool style_key_check(enum style_subject subject, const char *key, char *problem, size_t size);
bool style_glob_check(enum style_subject subject, const char *key, const char *glob, char *problem,
		      size_t size);
bool style_word_check(enum style_subject subject, const char *name, const char *value,
		      char *problem, size_t size);

#endif
