// Does what pages saw of tornado-sse's sse.js: reads the address that the body names, and triggers
// `sse.TYPE` on it. It knows no message of null: one ends it.
$(function () {
  $.eventsource({ label: 'sse', url: $('body').attr('sse-data'), dataType: 'json',
    open: function () { $('body').trigger('sse.open'); },
    error: function (error) { $('body').trigger('sse.error', error); },
    message: function (message) { $('body').trigger('sse.' + (message.type || 'message'), message); } });
});
