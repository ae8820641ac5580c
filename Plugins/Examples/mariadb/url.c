/* URLs: mariadb://USER:PASSWORD@HOST:PORT/DATABASE?NAME=VALUE&… */
#include "driver.h"

#include <ctype.h>

/* %41 is A. NULL: malformed, a NUL byte, or out of memory. */
static char *decoded(const char *from, size_t n) {
  char *made = malloc(n + 1), *to = made;
  for (size_t i = 0; made && i < n; i++) {
    if (from[i] != '%') {
      *to++ = from[i];
      continue;
    }
    char digits[3] = {0};
    if (i + 2 < n) memcpy(digits, from + i + 1, 2);
    if (!isxdigit((unsigned char)digits[0]) || !isxdigit((unsigned char)digits[1]) || strcmp(digits, "00") == 0) {
      free(made);
      return NULL;
    }
    *to++ = (char)strtol(digits, NULL, 16);
    i += 2;
  }
  if (made) *to = 0;
  return made;
}

static int number(const char *word, unsigned most, unsigned *value) {
  char *end;
  unsigned long found = strtoul(word, &end, 10);
  if (!isdigit((unsigned char)*word) || *end || found > most) return 0;
  *value = (unsigned)found;
  return 1;
}

static const char *setting(address *a, const char *name, char *value) {
  struct { const char *name; char **place; } words[] = {
      {"socket", &a->socket}, {"defaults-file", &a->defaults_file}, {"ssl-ca", &a->ssl_ca},
      {"ssl-cert", &a->ssl_cert}, {"ssl-key", &a->ssl_key}};
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    if (strcmp(name, words[i].name) == 0) {
      free(*words[i].place);
      *words[i].place = value;
      return NULL;
    }
  const char *wrong = NULL;
  int on = strcmp(value, "1") == 0, off = strcmp(value, "0") == 0;
  if (strcmp(name, "connect-timeout") == 0) {
    if (!number(value, 3600, &a->connect_seconds)) wrong = "connect-timeout must be a number of seconds";
  } else if (strcmp(name, "ssl") == 0 || strcmp(name, "ssl-verify") == 0) {
    if (!on && !off) wrong = "ssl and ssl-verify must be 1 or 0";
    *(strcmp(name, "ssl") == 0 ? &a->ssl : &a->ssl_verify) = on;
  } else {
    wrong = "unknown setting after the ?; the settings are socket, defaults-file, connect-timeout, ssl, ssl-verify, "
            "ssl-ca, ssl-cert, ssl-key";
  }
  free(value);
  return wrong;
}

const char *address_read(address *a, const char *url) {
  static const char *const malformed = "it does not have the form mariadb://USER:PASSWORD@HOST:PORT/DATABASE?socket=…";
  *a = (address){.ssl = -1, .ssl_verify = -1, .connect_seconds = 10};
  const char *from = strstr(url, "://");
  if (!from) return malformed;
  from += 3;
  const char *query = strchr(from, '?'), *end = query ? query : from + strlen(from);
  const char *slash = memchr(from, '/', (size_t)(end - from));
  if (!slash || slash + 1 == end) return "the name of the database is missing: mariadb://HOST/DATABASE";
  const char *at = memrchr(from, '@', (size_t)(slash - from));
  if (at) {
    const char *colon = memchr(from, ':', (size_t)(at - from));
    a->user = decoded(from, (size_t)((colon ? colon : at) - from));
    if (colon) a->password = decoded(colon + 1, (size_t)(at - colon - 1));
    if (!a->user || (colon && !a->password)) return malformed;
    from = at + 1;
  }
  const char *port = slash;
  if (*from == '[') { /* an IPv6 address */
    const char *close = memchr(from, ']', (size_t)(slash - from));
    if (!close) return malformed;
    a->host = strndup(from + 1, (size_t)(close - from - 1));
    port = close + 1;
    if (port < slash && *port != ':') return malformed;
  } else {
    const char *colon = memchr(from, ':', (size_t)(slash - from));
    if (colon) port = colon;
    a->host = decoded(from, (size_t)(port - from));
  }
  if (port < slash) {
    char *digits = strndup(port + 1, (size_t)(slash - port - 1));
    int good = digits && number(digits, 65535, &a->port);
    free(digits);
    if (!good) return "the port must be a number up to 65535";
  }
  a->database = decoded(slash + 1, (size_t)(end - slash - 1));
  if (!a->host || !a->database) return malformed;
  for (const char *pair = query; pair && *pair; ) {
    const char *next = strchr(++pair, '&'), *stop = next ? next : pair + strlen(pair);
    const char *equals = memchr(pair, '=', (size_t)(stop - pair));
    if (!equals) return malformed;
    char *name = decoded(pair, (size_t)(equals - pair));
    char *value = decoded(equals + 1, (size_t)(stop - equals - 1));
    const char *wrong = name && value ? setting(a, name, value) : malformed;
    if (!name) free(value);
    free(name);
    if (wrong) return wrong;
    pair = next;
  }
  return NULL;
}

void address_clear(address *a) {
  if (a->password) explicit_bzero(a->password, strlen(a->password));
  char *all[] = {a->user, a->password, a->host, a->database, a->socket, a->defaults_file, a->ssl_ca, a->ssl_cert,
                 a->ssl_key};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) free(all[i]);
  *a = (address){0};
}

char *url_with_database(const char *url, const char *database) {
  const char *from = strstr(url, "://"), *query = strchr(url, '?');
  const char *end = query ? query : url + strlen(url);
  const char *slash = from ? memchr(from + 3, '/', (size_t)(end - from - 3)) : NULL;
  text made = {0};
  if (!slash) return NULL;
  text_add(&made, url, (size_t)(slash + 1 - url));
  for (; *database; database++) {
    unsigned char byte = (unsigned char)*database;
    if (isalnum(byte) || byte == '_' || byte == '-') text_add(&made, database, 1);
    else text_printf(&made, "%%%02X", byte);
  }
  text_put(&made, end);
  if (made.failed) text_clear(&made);
  return made.at;
}
