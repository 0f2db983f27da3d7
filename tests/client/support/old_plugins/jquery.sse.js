// Does what pages saw of jquery.sse.js: `[type, data]` becomes `sse.TYPE` on the elements that name
// the type; a message of null is a ping.
(function ($) {
  function names(elements, attribute) {
    return $.unique(elements.map(function () {
      return $.map(($(this).attr(attribute) || '').split(','), $.trim);
    }).get().sort());
  }

  $.sse = function (options) {
    var elements = $('.sse');
    function tell(type, about) {
      elements.each(function () { $(this).trigger('sse.' + type, about); });
    }
    $.eventsource({ label: 'default', url: options.url, dataType: 'json',
      data: $.param({ channels: names(elements, 'data-sse-channels'), uuid: Math.random() }, true),
      open: function () { tell('open'); },
      error: function (error) { tell('error', error); },
      message: function (message) {
        if (!message) return;
        elements.each(function () {
          if ($.inArray(message[0], names($(this), 'data-sse-events')) >= 0)
            $(this).trigger('sse.' + message[0], message[1]);
        });
      } });
  };
})(jQuery);
