#include <curl/curl.h>

/* curl_easy_setopt() and curl_easy_getinfo() take their argument as a C vararg, which Swift cannot call. */
static inline CURLcode belay_curl_set_number(CURL *curl, CURLoption option, long value) {
  return curl_easy_setopt(curl, option, value);
}
static inline CURLcode belay_curl_set_size(CURL *curl, CURLoption option, curl_off_t value) {
  return curl_easy_setopt(curl, option, value);
}
static inline CURLcode belay_curl_set_text(CURL *curl, CURLoption option, const char *value) {
  return curl_easy_setopt(curl, option, value);
}
static inline CURLcode belay_curl_set_pointer(CURL *curl, CURLoption option, void *value) {
  return curl_easy_setopt(curl, option, value);
}
static inline CURLcode belay_curl_set_headers(CURL *curl, struct curl_slist *value) {
  return curl_easy_setopt(curl, CURLOPT_HTTPHEADER, value);
}
typedef size_t (*belay_curl_bytes)(char *bytes, size_t size, size_t count, void *context);
static inline CURLcode belay_curl_set_callback(CURL *curl, CURLoption option, belay_curl_bytes callback) {
  return curl_easy_setopt(curl, option, callback);
}
typedef int (*belay_curl_progress)(void *context, curl_off_t dltotal, curl_off_t dlnow, curl_off_t ultotal, curl_off_t ulnow);
static inline CURLcode belay_curl_set_progress(CURL *curl, belay_curl_progress callback) {
  return curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, callback);
}
static inline long belay_curl_number(CURL *curl, CURLINFO info) {
  long value = 0;
  curl_easy_getinfo(curl, info, &value);
  return value;
}
static inline curl_off_t belay_curl_size(CURL *curl, CURLINFO info) {
  curl_off_t value = 0;
  curl_easy_getinfo(curl, info, &value);
  return value;
}
