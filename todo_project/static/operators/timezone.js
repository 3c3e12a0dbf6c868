// Tells the server the time zone of this browser, in which the admin shows times.
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (zone) {
  const secure = location.protocol === "https:" ? "; secure" : "";
  document.cookie = `operator_timezone=${encodeURIComponent(zone)}; path=/admin; max-age=31536000; samesite=lax${secure}`;
}
